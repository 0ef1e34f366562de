//! The tables, for both engines. `migrations/{sqlite,postgres}` make them.

diesel::table! {
    ledger (seq) {
        seq -> BigInt,
        key -> Binary,
        digest -> Binary,
        kind -> Text,
        source -> Text,
        id -> Text,
        customer_id -> Nullable<Text>,
        occurred_at -> BigInt,
        received_at -> BigInt,
        body -> Text,
    }
}

diesel::table! {
    ledger_keys (key) {
        key -> Binary,
        seq -> BigInt,
    }
}

diesel::table! {
    ledger_keys_young (key) {
        key -> Binary,
        seq -> BigInt,
    }
}

// A view.
diesel::table! {
    ledger_by_key (key) {
        key -> Binary,
        seq -> BigInt,
        digest -> Binary,
        received_at -> BigInt,
    }
}

diesel::table! {
    customers (customer_id) {
        customer_id -> Text,
        account_id -> Nullable<Text>,
        state -> Binary,
    }
}

diesel::table! {
    conversations (customer_id, conversation_id) {
        customer_id -> Text,
        conversation_id -> Text,
        state -> Binary,
    }
}

diesel::table! {
    assignments (experiment, unit_id) {
        experiment -> Text,
        unit_id -> Text,
        cohort -> Text,
        assigned_at -> BigInt,
        told_source -> Text,
        told_id -> Text,
        first_customer -> Nullable<Text>,
        first_conversation -> Nullable<Text>,
        attributes -> Nullable<Text>,
    }
}

diesel::table! {
    layers (key) {
        key -> Text,
        salt -> Text,
        next_offset -> BigInt,
    }
}

diesel::table! {
    experiments (key) {
        key -> Text,
        definition -> Text,
        status -> Text,
        salt -> Text,
        version -> Integer,
        created_at -> BigInt,
        started_at -> Nullable<BigInt>,
        stopped_at -> Nullable<BigInt>,
        planned_units -> Nullable<BigInt>,
        layer -> Text,
        layer_offset -> BigInt,
    }
}

diesel::table! {
    experiment_log (id) {
        id -> BigInt,
        experiment -> Text,
        at -> BigInt,
        who -> Text,
        what -> Text,
    }
}

diesel::table! {
    calendars (key) {
        key -> Text,
        definition -> Text,
        changed_at -> BigInt,
    }
}

diesel::table! {
    analyses (experiment, number) {
        experiment -> Text,
        number -> BigInt,
        as_of -> BigInt,
        made_at -> BigInt,
        ledger_position -> BigInt,
        definition_version -> Integer,
        digest -> Binary,
        document -> Text,
        summary -> Nullable<Text>,
    }
}

diesel::table! {
    decisions (id) {
        id -> BigInt,
        experiment -> Text,
        at -> BigInt,
        who -> Text,
        what -> Text,
        why -> Text,
        from_when -> Text,
        agreed_by -> Text,
        analysis -> Nullable<BigInt>,
        learned -> Text,
        watch_weeks -> BigInt,
    }
}

diesel::table! {
    people (id) {
        id -> BigInt,
        email -> Text,
        role -> Text,
        password_hash -> Nullable<Text>,
        created_at -> BigInt,
        seen_at -> Nullable<BigInt>,
        weekly -> Nullable<Text>,
    }
}

diesel::table! {
    passkeys (credential_id) {
        credential_id -> Binary,
        person_id -> BigInt,
        user_handle -> Binary,
        name -> Text,
        static_state -> Binary,
        dynamic_state -> Binary,
        transports -> BigInt,
        created_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    passkey_challenges (seal) {
        seal -> Binary,
        until -> BigInt,
    }
}

diesel::table! {
    letters (id) {
        id -> Text,
        address -> Text,
        kind -> Text,
        language -> Text,
        page -> Text,
        due_at -> BigInt,
        until -> BigInt,
        tries -> BigInt,
    }
}

diesel::table! {
    sign_in_links (hash) {
        hash -> Binary,
        person_id -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    sessions (hash) {
        hash -> Binary,
        person_id -> BigInt,
        created_at -> BigInt,
        seen_at -> BigInt,
    }
}

diesel::table! {
    api_keys (id) {
        id -> Text,
        name -> Text,
        role -> Text,
        hash -> Binary,
        created_at -> BigInt,
        last_used_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
        expires_at -> Nullable<BigInt>,
        old_hash -> Nullable<Binary>,
        old_until -> Nullable<BigInt>,
    }
}

diesel::table! {
    feeds (source, day) {
        source -> Text,
        day -> BigInt,
        accepted -> BigInt,
        duplicates -> BigInt,
        rejected -> BigInt,
        last_received -> BigInt,
    }
}

diesel::table! {
    rejections (id) {
        id -> BigInt,
        received_at -> BigInt,
        source -> Text,
        event_key -> Nullable<Binary>,
        event_id -> Nullable<Text>,
        customer_id -> Nullable<Text>,
        detail -> Text,
        line -> Text,
        feed -> Text,
    }
}

diesel::table! {
    feed_days (feed, day) {
        feed -> Text,
        day -> BigInt,
        accepted -> BigInt,
        duplicates -> BigInt,
        rejected -> BigInt,
        last_received -> BigInt,
    }
}

diesel::table! {
    drafts (key) {
        key -> Text,
        json -> Text,
        changed_at -> BigInt,
    }
}

diesel::table! {
    settings (key) {
        key -> Text,
        value -> Text,
    }
}

diesel::table! {
    audit (seq) {
        seq -> BigInt,
        at -> BigInt,
        who -> Text,
        what -> Text,
        about -> Text,
        hash -> Binary,
    }
}

diesel::table! {
    surveys (hash) {
        hash -> Binary,
        customer_id -> Text,
        conversation_id -> Text,
        subject -> Text,
        asked_at -> Nullable<BigInt>,
        language -> Text,
        created_at -> BigInt,
        answered_at -> Nullable<BigInt>,
        answers -> BigInt,
        score -> Nullable<BigInt>,
        held -> BigInt,
    }
}

diesel::table! {
    uploads (token) {
        token -> Text,
        person_id -> BigInt,
        kind -> Text,
        name -> Text,
        made_at -> BigInt,
        reading -> Nullable<Text>,
        outcome -> Nullable<Text>,
    }
}

diesel::table! {
    upload_pieces (token, number) {
        token -> Text,
        number -> BigInt,
        bytes -> Binary,
    }
}

diesel::table! {
    shares (id) {
        id -> BigInt,
        hash -> Binary,
        experiment -> Text,
        made_by -> Text,
        made_at -> BigInt,
        expires_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
    }
}

// For subqueries.
diesel::allow_tables_to_appear_in_same_query!(
    ledger,
    ledger_by_key,
    customers,
    assignments,
    rejections,
    surveys
);
