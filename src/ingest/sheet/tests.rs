//! Tables as they come out of spreadsheets and help desks.

use super::*;
use crate::domain::event::Fact;

fn open(kind: Kind, text: &str) -> Sheet {
    Sheet::open(kind, text.as_bytes()).unwrap()
}

fn items(sheet: &Sheet, reading: &Reading) -> Vec<Item> {
    let source = Source::new("import").unwrap();
    sheet.items(reading, &source, Moment::from_ms(1_772_000_000_000).unwrap()).collect()
}

fn guessed(sheet: &Sheet) -> Reading {
    Reading { columns: sheet.guess(), ..Reading::default() }
}

/// The rows that were taken, as the events that the contract's file would have told.
fn taken(items: &[Item]) -> Vec<Fact> {
    items
        .iter()
        .flat_map(|item| match &item.told {
            Ok(Told::Row(events)) => events.iter().map(|event| event.fact.clone()).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        })
        .collect()
}

const ROWS: &str = "conversation_id,customer_id,rated_at,score\nv-1,c-1,2026-03-02T09:00:00Z,5\nv-2,客户,2026-03-02T09:00:00Z,1\n";

#[test]
fn however_it_is_written_the_same_rows_are_read() {
    let plain = taken(&items(&open(Kind::Ratings, ROWS), &guessed(&open(Kind::Ratings, ROWS))));
    assert_eq!(plain.len(), 2);
    let utf16 = |mark: &str, unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("{mark}{ROWS}").encode_utf16().flat_map(unit).collect()
    };
    let written = [
        ROWS.replace(',', ";").into_bytes(),
        ROWS.replace(',', "\t").into_bytes(),
        format!("\u{feff}{}", ROWS.replace('\n', "\r\n")).into_bytes(),
        format!("sep=;\r\n{}", ROWS.replace(',', ";")).into_bytes(),
        utf16("\u{feff}", u16::to_le_bytes),
        utf16("\u{feff}", u16::to_be_bytes),
        utf16("", u16::to_le_bytes),
        utf16("", u16::to_be_bytes),
    ];
    for bytes in written {
        let sheet = Sheet::open(Kind::Ratings, &bytes).unwrap();
        assert_eq!(taken(&items(&sheet, &guessed(&sheet))), plain, "{bytes:?}");
    }
    assert_eq!(Sheet::open(Kind::Ratings, b"a,b\n\xff\xff").unwrap_err(), SheetError::Encoding);
    for empty in ["", "\u{feff}", "a,b\n"] {
        assert_eq!(Sheet::open(Kind::Ratings, empty.as_bytes()).unwrap_err(), SheetError::Empty);
    }
}

#[test]
fn columns_are_known_by_the_names_that_help_desks_give_them() {
    let sheet = open(
        Kind::Conversations,
        "Ticket ID,Requester,Created at,First reply at,Priority,Mood\na,b,c,d,e,f\n",
    );
    let names: Vec<&str> = sheet.guess().into_iter().map(Column::as_str).collect();
    assert_eq!(names, ["conversation_id", "customer_id", "opened_at", "first_agent_reply_at", "urgency", ""]);
    assert_eq!(sheet.mismatches(&sheet.guess()), []);
    assert_eq!(sheet.samples(0), ["a"]);
    // A name that says it itself goes before one that is known for it.
    let sheet = open(Kind::Customers, "user,customer_id,plan,\n1,2,3,4\n");
    let names: Vec<&str> = sheet.guess().into_iter().map(Column::as_str).collect();
    assert_eq!(names, ["+", "customer_id", "+", ""]);
    let sheet = open(Kind::Revenue, "a,b\n1,2\n");
    assert_eq!(sheet.mismatches(&[Column::Is("amount"), Column::Is("amount")]).len(), 4);
    assert!(
        sheet
            .mismatches(&[Column::Is("amount"), Column::Is("amount")])
            .contains(&Mismatch::Twice("amount", 1))
    );
    let back = |text: &str| Column::from(text);
    assert_eq!(
        (back("+"), back("month"), back("mnth")),
        (Column::Attribute, Column::Is("month"), Column::LeftOut)
    );
}

#[test]
fn only_what_the_file_does_not_show_is_asked() {
    let doubts = |cells: &[&str]| {
        let rows: Vec<String> = cells.iter().map(|cell| format!("v,c,{cell},5\n")).collect();
        let sheet =
            open(Kind::Ratings, &format!("conversation_id,customer_id,rated_at,score\n{}", rows.concat()));
        let doubts = sheet.doubts(&sheet.guess());
        Doubts { known_order: None, ..doubts }
    };
    let text = |cell: &str| Some(cell.to_owned());
    assert_eq!(doubts(&["2026-03-02T09:00:00Z", "2026-03-02 10:00 +0100"]), Doubts::default());
    assert_eq!(
        doubts(&["2026-03-02 09:00"]),
        Doubts { zone: text("2026-03-02 09:00"), order: None, known_order: None }
    );
    assert_eq!(
        doubts(&["03/04/2026 09:00"]),
        Doubts { zone: text("03/04/2026 09:00"), order: text("03/04/2026 09:00"), known_order: None }
    );
    // One day above twelve tells the order of all, and is the better cell to show.
    assert_eq!(
        doubts(&["03/04/2026 09:00", "13/04/2026 09:00"]),
        Doubts { zone: text("13/04/2026 09:00"), order: None, known_order: None }
    );
    // Both cannot be: somebody has to say.
    assert!(doubts(&["13/04/2026 09:00Z", "03/13/2026 09:00Z", "01/02/2026 09:00Z"]).order.is_some());
    assert_eq!(doubts(&["02.03.2026 09:00 UTC"]), Doubts::default());
    assert_eq!(doubts(&["soon", ""]), Doubts::default());
    assert_eq!(
        doubts(&["31/02/2026 09:00", "01/02/2026 09:00"]).zone,
        text("01/02/2026 09:00"),
        "a day that is none is no example"
    );
}

/// Checked against `date -u -d 'TZ="Europe/Berlin" 2026-03-02 09:15'` and its like.
#[test]
fn times_are_read_by_the_answers() {
    let berlin = chrono_tz::Europe::Berlin;
    let read = |cell: &str, order: DayOrder| Sheet::example(cell, order, berlin).map(|at| at.to_string());
    let utc = |text: &str| Some(text.to_owned());
    for (cell, at) in [
        ("2026-03-02 09:15", "2026-03-02T08:15:00Z"),
        ("2026-07-02T09:15:30", "2026-07-02T07:15:30Z"),
        ("2026-03-02 09:15:30.25 UTC", "2026-03-02T09:15:30.250Z"),
        ("2026-03-02 09:15 +0530", "2026-03-02T03:45:00Z"),
        ("2026/3/2 9:15", "2026-03-02T08:15:00Z"),
        ("2026年3月2日 9:15", "2026-03-02T08:15:00Z"),
        ("02.03.2026 09:15", "2026-03-02T08:15:00Z"),
        ("02/03/2026 9:15 PM", "2026-03-02T20:15:00Z"),
        ("02/03/26, 12:00 am", "2026-03-01T23:00:00Z"),
        ("2026-03-02", "2026-03-01T23:00:00Z"),
    ] {
        assert_eq!(read(cell, DayOrder::DayFirst), utc(at), "{cell}");
    }
    assert_eq!(read("02/03/2026 09:15", DayOrder::MonthFirst), utc("2026-02-03T08:15:00Z"));
    // The clocks went forward at two: half past two never was.
    for none in
        ["31/02/2026", "2026-03-29 02:30", "13:00", "2026-03-02 25:00", "2026-03-02 13:00 PM", "2026-3", ""]
    {
        assert_eq!(read(none, DayOrder::DayFirst), None, "{none}");
    }
}

#[test]
fn what_cannot_be_read_is_refused_with_its_column_and_the_rest_is_kept() {
    let text = "ticket,customer,rated,stars\nv-1,c-1,31/02/2026 09:00,5\n,,,\nv-2,c-1,28/02/2026 09:00,7\nv-3,c-1\nv-4,c-1,28/02/2026 09:00,4\n";
    let sheet = open(Kind::Ratings, text);
    let reading = Reading { zone: Some(chrono_tz::Europe::Berlin), ..guessed(&sheet) };
    let items = items(&sheet, &reading);
    assert_eq!(items.iter().map(|item| item.index).collect::<Vec<_>>(), [0, 2, 3, 4], "an empty row is none");
    let why = |at: usize| items[at].told.as_ref().unwrap_err().detail.clone();
    assert_eq!(why(0), "rated_at: is not a date and time");
    assert_eq!(why(1), "score: must be a whole number from 1 to 5");
    assert!(why(2).starts_with("has 2 fields"), "{}", why(2));
    assert!(items[3].told.is_ok());
    assert_eq!(sheet.name_of(&reading, "score"), Some((3, "stars")));
}

#[test]
fn months_and_amounts_are_read_as_people_write_them() {
    for month in ["2026-03", "2026/3", "03/2026", "3.2026", "2026年3月", "2026-03-31", "31/03/2026"] {
        assert_eq!(times::month(month, DayOrder::DayFirst).as_deref(), Some("2026-03"), "{month}");
    }
    for none in ["March", "2026-13", "26-03", ""] {
        assert_eq!(times::month(none, DayOrder::DayFirst), None, "{none}");
    }
    assert_eq!(decimal("49,90").as_deref(), Some("49.90"));
    for other in ["1,234", "49.90", "1.234,50", "", ","] {
        assert_eq!(decimal(other), None, "{other}");
    }
}
