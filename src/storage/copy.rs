//! A whole database into an empty one, of the same engine or the other: every table that there is, row by row, in
//! one transaction, checked before it is kept.
//!
//! A row travels as a JSON array of its columns, bytes as hex digits, which both engines read and write
//! themselves; which tables and columns there are, the target's own catalogue says. So a new table needs nothing
//! here.

use diesel::{
    QueryableByName, RunQueryDsl,
    connection::{DefaultLoadingMode, LoadConnection, SimpleConnection},
    pg::PgRowByRowLoadingMode,
    query_dsl::LoadQuery,
    sql_query,
    sql_types::{BigInt, Nullable, Text},
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    Db, Store,
    connection::DatabaseUrl,
    error::{Result, StorageError},
    key_index,
    verify::{self, Step, Then},
};

/// Rows of one statement, in bytes.
const BATCH_BYTES: usize = 1 << 20;

/// What a copy tells on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// So many rows of a table are copied.
    Rows {
        /// The table.
        table: String,
        /// Until now.
        rows: u64,
    },
    /// The copy is being verified.
    Verified(Step),
}

/// What was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Copied {
    /// Tables that hold rows.
    pub tables: usize,
    /// Their rows.
    pub rows: u64,
    /// Of these, entries of the ledger.
    pub entries: u64,
}

/// Copies a database as it is at one moment. The target is made and migrated where needed and must be empty; it
/// stays so unless all is copied, reads back the same, and verifies.
///
/// # Errors
/// There is no source; the target is the source, is served, or holds something; the copy does not verify.
pub fn run(from: &DatabaseUrl, to: &DatabaseUrl, tell: &mut dyn FnMut(Progress)) -> Result<Copied> {
    if from.is_same(to) {
        return Err(StorageError::Refused(format!(
            "{from} cannot be copied to itself: choose another target"
        )));
    }
    let source = Store::open_existing(from)?;
    let _lock = to.lock_for_server()?;
    let target = Store::open(to)?;
    source.read_long(|source| {
        if let Db::Postgres(connection) = source {
            // One statement reads a whole table, as fast as the target takes it in.
            connection.batch_execute("SET LOCAL statement_timeout = 0")?;
        }
        target.write_alone(|target| {
            let tables = tables(target)?;
            for table in &tables {
                if table.has_rows(target)? {
                    return Err(StorageError::Refused(format!(
                        "{to} is not empty, it holds {}: choose a new database, or remove that one first",
                        table.name
                    )));
                }
            }
            let mut copied = Copied::default();
            for table in &tables {
                let rows = table.copy(source, target, tell)?;
                copied.tables += usize::from(rows > 0);
                copied.rows += rows;
            }
            key_index::make_anew(target)?;
            let verified = verify::check(target, Then::Tell, &mut |step| tell(Progress::Verified(step)))?;
            if verified.differences > 0 {
                return Err(StorageError::Refused(format!(
                    "{from} does not verify ({} differences), so nothing was copied: `patience rebuild` mends what is \
                     derived",
                    verified.differences
                )));
            }
            copied.entries = verified.entries;
            Ok(copied)
        })
    })
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Integer,
    Text,
    Bytes,
}

#[derive(Debug)]
struct Table {
    name: String,
    columns: Vec<(String, Kind)>,
    /// The primary key, in its order.
    key: Vec<String>,
}

#[derive(QueryableByName)]
struct CatalogueRow {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    place_in_key: Option<i64>,
}

/// Tables in the order of their making, so that what is referred to comes first; without the index of the ledger's keys,
/// which each engine makes in its own way.
const SQLITE_CATALOGUE: &str = r"
    SELECT m.name AS table_name, c.name AS column_name, lower(c.type) AS kind, nullif(c.pk, 0) AS place_in_key
    FROM sqlite_master m JOIN pragma_table_info(m.name) c
    WHERE m.type = 'table' AND m.name NOT GLOB '__diesel*' AND m.name NOT GLOB 'sqlite_*' AND m.name NOT GLOB 'ledger_keys*'
    ORDER BY m.rowid, c.cid";

const POSTGRES_CATALOGUE: &str = r"
    SELECT t.relname::text AS table_name, c.attname::text AS column_name,
           format_type(c.atttypid, NULL) AS kind, k.place AS place_in_key
    FROM pg_class t
    JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum > 0 AND NOT c.attisdropped
    LEFT JOIN pg_index i ON i.indrelid = t.oid AND i.indisprimary
    LEFT JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(column_number, place)
           ON k.column_number = c.attnum
    WHERE t.relkind IN ('r', 'p') AND t.relnamespace = current_schema()::regnamespace
      AND t.relname NOT LIKE '\_\_diesel%'
    ORDER BY t.oid, c.attnum";

fn tables(db: &mut Db) -> Result<Vec<Table>> {
    let rows: Vec<CatalogueRow> = match db {
        Db::Sqlite(connection) => sql_query(SQLITE_CATALOGUE).load(connection)?,
        Db::Postgres(connection) => sql_query(POSTGRES_CATALOGUE).load(connection)?,
    };
    let mut tables: Vec<Table> = Vec::new();
    let mut keys: Vec<Vec<(i64, String)>> = Vec::new();
    for CatalogueRow { table_name, column_name, kind, place_in_key } in rows {
        let kind = match kind.as_str() {
            "bigint" | "integer" => Kind::Integer,
            "text" => Kind::Text,
            "blob" | "bytea" => Kind::Bytes,
            other => {
                let what = format!("the column {table_name}.{column_name} is of the kind {other}");
                return Err(StorageError::corrupt("a copy is not possible", what));
            }
        };
        if tables.last().is_none_or(|table| table.name != table_name) {
            tables.push(Table { name: table_name, columns: Vec::new(), key: Vec::new() });
            keys.push(Vec::new());
        }
        if let (Some(table), Some(key)) = (tables.last_mut(), keys.last_mut()) {
            key.extend(place_in_key.map(|place| (place, column_name.clone())));
            table.columns.push((column_name, kind));
        }
    }
    for (table, mut key) in tables.iter_mut().zip(keys) {
        key.sort_unstable();
        table.key = key.into_iter().map(|(_, column)| column).collect();
    }
    Ok(tables)
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    row: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

impl Table {
    fn has_rows(&self, db: &mut Db) -> Result<bool> {
        let query = format!("SELECT count(*) AS n FROM (SELECT 1 FROM {} LIMIT 1) AS one", self.name);
        Ok(sql_query(query).get_result::<Count>(db)?.n > 0)
    }

    fn copy(&self, source: &mut Db, target: &mut Db, tell: &mut dyn FnMut(Progress)) -> Result<u64> {
        // PostgreSQL's texts cannot hold this character; ours have it only where a refused line was kept.
        let replace_nul = matches!(target, Db::Postgres(_));
        let insert = self.insert_statement(target);
        let (mut sent, mut rows, mut batch) = (Sha256::new(), 0, String::from("["));
        self.for_each(source, &mut |mut row| {
            if replace_nul {
                row.iter_mut().for_each(without_nul);
            }
            let text = Value::Array(row).to_string();
            sent.update(&text);
            if batch.len() > 1 {
                batch.push(',');
            }
            batch.push_str(&text);
            rows += 1;
            if batch.len() >= BATCH_BYTES {
                batch.push(']');
                sql_query(&insert).bind::<Text, _>(&batch).execute(target)?;
                "[".clone_into(&mut batch);
                tell(Progress::Rows { table: self.name.clone(), rows });
            }
            Ok(())
        })?;
        if batch.len() > 1 {
            batch.push(']');
            sql_query(&insert).bind::<Text, _>(&batch).execute(target)?;
        }
        tell(Progress::Rows { table: self.name.clone(), rows });
        let mut arrived = Sha256::new();
        self.for_each(target, &mut |row| {
            arrived.update(Value::Array(row).to_string());
            Ok(())
        })?;
        if sent.finalize() != arrived.finalize() {
            let how = "its rows do not read back as they were written";
            return Err(StorageError::corrupt(&format!("the copy of {}", self.name), how));
        }
        Ok(rows)
    }

    /// Hands every row to `each`, in the order of the key, one at a time in memory.
    fn for_each(&self, db: &mut Db, each: &mut dyn FnMut(Vec<Value>) -> Result<()>) -> Result<()> {
        let query = self.select_statement(db);
        match db {
            Db::Sqlite(connection) => stream::<_, DefaultLoadingMode>(connection, query, each),
            Db::Postgres(connection) => stream::<_, PgRowByRowLoadingMode>(connection, query, each),
        }
    }

    fn select_statement(&self, db: &Db) -> String {
        let sqlite = matches!(db, Db::Sqlite(_));
        let columns = self.columns.iter().map(|(name, kind)| match (kind, sqlite) {
            (Kind::Bytes, true) => format!("iif({name} IS NULL, NULL, lower(hex({name})))"),
            (Kind::Bytes, false) => format!("encode({name}, 'hex')"),
            _ => name.clone(),
        });
        let columns = columns.collect::<Vec<_>>().join(", ");
        let row = if sqlite {
            format!("json_array({columns})")
        } else {
            format!("json_build_array({columns})::text")
        };
        format!("SELECT {row} AS row FROM {} ORDER BY {}", self.name, self.key.join(", "))
    }

    fn insert_statement(&self, db: &Db) -> String {
        let sqlite = matches!(db, Db::Sqlite(_));
        let names = self.columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
        let values = self.columns.iter().enumerate().map(|(i, (_, kind))| match (kind, sqlite) {
            (Kind::Bytes, true) => format!("unhex(value ->> {i})"),
            (Kind::Bytes, false) => format!("decode(value ->> {i}, 'hex')"),
            (Kind::Integer, false) => format!("(value ->> {i})::bigint"),
            (Kind::Integer | Kind::Text, _) => format!("value ->> {i}"),
        });
        let values = values.collect::<Vec<_>>().join(", ");
        let rows = if sqlite { "json_each(?)" } else { "json_array_elements($1::json)" };
        format!("INSERT INTO {} ({names}) SELECT {values} FROM {rows}", self.name)
    }
}

fn stream<'c, C, Mode>(
    connection: &'c mut C,
    query: String,
    each: &mut dyn FnMut(Vec<Value>) -> Result<()>,
) -> Result<()>
where
    C: LoadConnection<Mode>,
    diesel::query_builder::SqlQuery: LoadQuery<'c, C, Row, Mode>,
{
    for row in sql_query(query).load_iter::<Row, Mode>(connection)? {
        let Row { row } = row?;
        each(serde_json::from_str(&row).map_err(|error| StorageError::corrupt("a row", error))?)?;
    }
    Ok(())
}

fn without_nul(value: &mut Value) {
    if let Value::String(text) = value
        && text.contains('\0')
    {
        *text = text.replace('\0', "\u{fffd}");
    }
}
