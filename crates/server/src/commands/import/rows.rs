//! Reads the lines of a CSV file into accounts with their people, and finds everything that is wrong with them.

use std::collections::HashMap;
use std::fmt;
use std::io::Read;

use anyhow::{Context as _, bail};
use countersign_app::accounts::import::Row;
use countersign_app::people::create::NewPerson;
use countersign_domain::account::AccountNumber;
use countersign_domain::contact::{AccountName, EmailAddress, PersonName, Phone};
use countersign_domain::person::{Role, Username};
use csv::StringRecord;

/// The columns, in the order in which an account is best read.
const COLUMNS: [&str; 7] = [
    "account_number",
    "account_name",
    "person_name",
    "role",
    "username",
    "email",
    "phone",
];

/// What is wrong, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Problem {
    /// The line, from 1.
    pub(super) line: u64,
    /// The column's name, where it is about one.
    pub(super) column: Option<&'static str>,
    /// What is wrong and what to do.
    pub(super) message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: ", self.line)?;
        if let Some(column) = self.column {
            write!(out, "{column}: ")?;
        }
        out.write_str(&self.message)
    }
}

/// Reads the file. What cannot be read is a problem, and its line is left out of the rows.
///
/// # Errors
/// When there is no first line with names that are known.
pub(super) fn read(mut file: impl Read, region: Option<&str>) -> anyhow::Result<(Vec<Row>, Vec<Problem>)> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).context("the file cannot be read")?;
    let mut counter = LineCounter::new(&bytes);
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(bytes.as_slice());
    let headers = reader.headers().context("line 1 is not CSV in UTF-8")?.clone();
    let mut lines = Lines {
        places: places(&headers)?,
        width: headers.len(),
        line: 1,
        region,
        rows: Vec::new(),
        known: HashMap::new(),
        problems: Vec::new(),
    };
    for record in reader.records() {
        match record {
            Ok(record) => {
                lines.line = counter.line_of(record.position());
                lines.take(&record);
            }
            Err(error) => {
                let line = counter.line_of(error.position());
                lines.problem(line, None, "this is not CSV in UTF-8");
            }
        }
    }
    Ok((lines.rows, lines.problems))
}

fn places(headers: &StringRecord) -> anyhow::Result<HashMap<&'static str, usize>> {
    let mut places = HashMap::new();
    for (index, header) in headers.iter().enumerate() {
        // Spreadsheets put a byte-order mark before the first name.
        let name = header.trim_start_matches('\u{feff}').trim();
        let Some(known) = COLUMNS.iter().find(|known| **known == name) else {
            let why = match name {
                "pin" | "support_pin" => " (PINs are made here, never taken over)",
                "password" => " (a password in a file is no secret; people set their own)",
                _ => "",
            };
            bail!(
                "line 1: there is no column {name:?}{why}; the columns are {}",
                COLUMNS.join(", ")
            );
        };
        if places.insert(*known, index).is_some() {
            bail!("line 1: the column {known} stands there twice");
        }
    }
    if !places.contains_key("account_name") {
        bail!("line 1: the column account_name is missing");
    }
    Ok(places)
}

/// Counts lines as an editor does. The parser's own count is one too low in files of Windows: it ends a record at the
/// carriage return and counts at the line feed, which it reads with the next record.
struct LineCounter<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> LineCounter<'a> {
    const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            line: 1,
        }
    }

    /// The line on which the record at this position begins; positions only rise.
    fn line_of(&mut self, position: Option<&csv::Position>) -> u64 {
        let from = position.and_then(|position| usize::try_from(position.byte()).ok());
        let Some(from) = from else {
            return self.line;
        };
        // Up to the record's place, and over the line ends before its first cell: those of empty lines, or the rest of one.
        while let Some(byte) = self.bytes.get(self.at) {
            if self.at >= from && !matches!(byte, b'\r' | b'\n') {
                break;
            }
            let ends = *byte == b'\n' || (*byte == b'\r' && self.bytes.get(self.at + 1) != Some(&b'\n'));
            self.line += u64::from(ends);
            self.at += 1;
        }
        self.line
    }
}

struct Lines<'a> {
    places: HashMap<&'static str, usize>,
    width: usize,
    /// The line on which the record that is taken begins, from 1.
    line: u64,
    region: Option<&'a str>,
    rows: Vec<Row>,
    /// Where the account of a number stands in `rows`.
    known: HashMap<String, usize>,
    problems: Vec<Problem>,
}

impl Lines<'_> {
    fn problem(&mut self, line: u64, column: Option<&'static str>, message: impl fmt::Display) {
        self.problems.push(Problem {
            line,
            column,
            message: message.to_string(),
        });
    }

    /// The text of a cell; none when it is empty or the column is not there.
    fn cell<'r>(&self, record: &'r StringRecord, column: &str) -> Option<&'r str> {
        let text = record.get(*self.places.get(column)?)?.trim();
        (!text.is_empty()).then_some(text)
    }

    /// A cell read as something; what cannot be read is noted and counts as missing.
    fn parse<T, E: fmt::Display>(
        &mut self,
        record: &StringRecord,
        column: &'static str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.cell(record, column)?;
        match read(text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.problem(self.line, Some(column), error);
                None
            }
        }
    }

    fn take(&mut self, record: &StringRecord) {
        let line = self.line;
        if record.len() != self.width {
            self.problem(
                line,
                None,
                format!(
                    "there are {} cells where the first line has {}; a comma inside a cell needs quotes round the cell",
                    record.len(),
                    self.width
                ),
            );
            return;
        }
        let before = self.problems.len();
        let number = self.parse(record, "account_number", AccountNumber::parse);
        let name = self.parse(record, "account_name", AccountName::parse);
        let person = self.person(record);
        if self.problems.len() > before {
            return;
        }
        let at = number
            .as_ref()
            .and_then(|number| self.known.get(number.as_str()).copied());
        match at.and_then(|at| self.rows.get_mut(at)) {
            Some(row) => {
                if name.is_some_and(|name| name.as_str() != row.name.as_str()) {
                    let first = row.line;
                    self.problem(
                        line,
                        Some("account_name"),
                        format!("the account has another name on line {first}; leave it empty here, or make them alike"),
                    );
                } else {
                    row.people.extend(person.map(|person| (line, person)));
                }
            }
            None => match name {
                None => self.problem(
                    line,
                    Some("account_name"),
                    "is missing on the account's first line",
                ),
                Some(name) => {
                    if let Some(number) = &number {
                        self.known.insert(number.as_str().to_owned(), self.rows.len());
                    }
                    self.rows.push(Row {
                        line,
                        number,
                        name,
                        people: person.map(|person| (line, person)).into_iter().collect(),
                    });
                }
            },
        }
    }

    /// The person of a line; none when the line is about an account alone.
    fn person(&mut self, record: &StringRecord) -> Option<NewPerson> {
        let name = self.parse(record, "person_name", PersonName::parse);
        let role = self.parse(record, "role", str::parse::<Role>);
        let username = self.parse(record, "username", Username::parse);
        let email = self.parse(record, "email", EmailAddress::parse);
        let region = self.region;
        let phone = self.parse(record, "phone", |text| Phone::parse(text, region));
        let has = |column| self.cell(record, column).is_some();
        if !["person_name", "role", "username", "email", "phone"]
            .into_iter()
            .any(has)
        {
            return None;
        }
        let missing: Vec<&'static str> = ["person_name", "role"]
            .into_iter()
            .filter(|column| self.cell(record, column).is_none())
            .collect();
        for column in missing {
            self.problem(
                self.line,
                Some(column),
                "is missing: a person has a name and a role",
            );
        }
        Some(NewPerson {
            name: name?,
            role: role?,
            username,
            email,
            phone,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let (_, problems) = read(text.as_bytes(), Some("GB")).unwrap();
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn lines_of_one_number_are_one_account() {
        let text = "account_number,account_name,person_name,role,username,email,phone\n\
                    0048-2913,\"Acme, Inc.\",Ana Ruiz,owner,ana,ana@example.com,+442079460123\n\
                    00482913,,Bo Li,contact,,,\n\
                    ,Without number,,,,,\n";
        let (rows, problems) = read(text.as_bytes(), None).unwrap();
        assert_eq!(problems, []);
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].people.len(), 2);
        assert_eq!(rows[0].people[1].0, 3, "the person's own line");
        assert!(rows[1].number.is_none() && rows[1].people.is_empty());
    }

    #[test]
    fn every_problem_names_line_and_column() {
        let found = told(
            "account_number,account_name,person_name,role,username,email,phone\n\
             12a4,Acme,Ana,boss,x,not-an-address,12\n\
             5555,Beta,,owner,,,\n\
             5556\n\
             5555,,Cy,member,,,\n",
        );
        for begin in [
            "2: account_number: ",
            "2: role: ",
            "2: username: ",
            "2: email: ",
            "2: phone: ",
            "3: person_name: ",
            "4: there are 1 cells",
            "5: account_name: ",
        ] {
            assert!(
                found.iter().any(|line| line.starts_with(begin)),
                "{begin:?} is not among {found:#?}"
            );
        }
    }

    #[test]
    fn a_line_is_counted_as_an_editor_counts_it_whatever_ends_it() {
        for (name, end) in [("LF", "\n"), ("CRLF", "\r\n"), ("CR", "\r")] {
            let text = [
                "account_number,account_name",
                "12a4,On line 2",
                "",
                "12a5,On line 4",
                "5555,\"Begins on line 5",
                "and ends, after an empty one,",
                "",
                "on line 8\"",
                "12a6,On line 9",
                "5556",
                "12a7,On line 11",
            ]
            .join(end);
            for text in [format!("{text}{end}"), text] {
                let numbers: Vec<u64> = read(text.as_bytes(), None)
                    .unwrap()
                    .1
                    .iter()
                    .map(|problem| problem.line)
                    .collect();
                assert_eq!(numbers, [2, 4, 5, 9, 10, 11], "{name}");
            }
        }
    }

    #[test]
    fn people_and_bytes_that_are_no_text_are_told_by_their_line_in_a_file_of_windows_too() {
        let text = b"account_number,account_name,person_name,role\r\n7701,\"A, B\",Ana,owner\r\n7701,,Bo,contact\r\n7702,\xff,,\r\n";
        let (rows, problems) = read(&text[..], None).unwrap();
        assert_eq!(rows.len(), 1, "{problems:?}");
        assert_eq!((rows[0].line, rows[0].people[1].0), (2, 3));
        assert_eq!(problems.iter().map(|it| it.line).collect::<Vec<_>>(), [4]);
    }

    #[test]
    fn a_column_that_is_not_known_is_refused_with_what_is() {
        let refused = |text: &str| read(text.as_bytes(), None).err().unwrap().to_string();
        assert!(refused("account_name,pin\nA,123456\n").contains("never taken over"));
        assert!(refused("account_name,shoe_size\n").contains("account_number, account_name"));
        assert!(refused("person_name\n").contains("account_name is missing"));
        assert!(refused("account_name,account_name\n").contains("twice"));
    }

    #[test]
    fn bytes_that_are_no_text_are_a_problem_of_their_line() {
        let (rows, problems) = read(&b"account_name\nGood\n\xff\xfe\nFine\n"[..], None).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].line, 3);
    }

    #[test]
    fn a_byte_order_mark_does_no_harm() {
        assert_eq!(
            read("\u{feff}account_name\nA\n".as_bytes(), None)
                .unwrap()
                .0
                .len(),
            1
        );
    }
}
