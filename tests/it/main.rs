//! One binary of integration tests; its folders mirror `src`.

mod simulation;
