//! What of the list is looked for, and in which order: all of it stands in the address.

use serde::{Deserialize, Serialize};

use super::{Known, Language, Moment, Place};

/// What is looked for; what is empty is not asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub(in crate::web::pages) struct Filter {
    /// Words that must all be there, in its name, its key, its tags, its question, or what was learned.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub q: String,
    /// A part of the list.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub state: String,
    /// Whose.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// Which service level was tried: a promise and its calendar.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub level: String,
    /// Which tag it has.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tag: String,
    /// By what it is sorted: `name`, `state` or `dates`, with a `-` before it from the end.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sort: String,
}

impl Filter {
    /// Whether nothing is looked for.
    pub fn is_empty(&self) -> bool {
        *self == Self { sort: self.sort.clone(), ..Self::default() }
    }

    /// The experiments that are looked for, in order.
    pub(super) fn take(&self, t: Language, all: Vec<Known>, now: Moment) -> Vec<Known> {
        let words: Vec<String> = self.q.split_whitespace().map(str::to_lowercase).collect();
        let mut found: Vec<Known> = all
            .into_iter()
            .filter(|known| {
                let text = searched(known);
                words.iter().all(|word| text.contains(word))
                    && (self.state.is_empty() || known.place.key() == self.state)
                    && (self.owner.is_empty() || known.experiment.definition.owner == self.owner)
                    && (self.level.is_empty() || levels(known).any(|level| level == self.level))
                    && (self.tag.is_empty() || known.experiment.definition.tags.contains(&self.tag))
            })
            .collect();
        let (by, backwards) =
            self.sort.strip_prefix('-').map_or((self.sort.as_str(), false), |by| (by, true));
        match by {
            "name" => found.sort_by_key(|known| known.experiment.definition.name.to_lowercase()),
            "state" => found.sort_by_cached_key(|known| known.state(t, now).words),
            "dates" => found.sort_by_key(|known| known.experiment.begins_at()),
            _ => {}
        }
        if backwards {
            found.reverse();
        }
        found
    }

    /// The address of the list with another filter.
    fn address(&self, path: &str) -> String {
        let query = serde_urlencoded::to_string(self).unwrap_or_default();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }

    /// The address of the same list as a file.
    pub fn file(&self, format: &str) -> String {
        self.address(&format!("/experiments.{format}"))
    }

    /// How a column is sorted now, as `aria-sort` says it.
    pub fn sorted(&self, by: &str) -> &'static str {
        match self.sort.strip_prefix('-') {
            Some(backwards) if backwards == by => "descending",
            None if self.sort == by => "ascending",
            _ => "none",
        }
    }

    /// The address of the list sorted by a column: the other way round where it is already.
    pub fn sort_by(&self, by: &str) -> String {
        let sort = if self.sort == by { format!("-{by}") } else { by.to_owned() };
        Self { sort, ..self.clone() }.address("/experiments")
    }
}

fn searched(known: &Known) -> String {
    let definition = &known.experiment.definition;
    let decided = known.decided.as_ref();
    let tags = definition.tags.join("\n");
    let texts = [
        tags.as_str(),
        &definition.name,
        definition.key.as_str(),
        &definition.owner,
        &definition.hypothesis,
        decided.map_or("", |decided| &decided.learned),
        decided.map_or("", |decided| &decided.why),
    ];
    texts.join("\n").to_lowercase()
}

/// `PT8H@office-hours` of each treatment.
fn levels(known: &Known) -> impl Iterator<Item = String> {
    known
        .experiment
        .definition
        .treatments()
        .map(|cohort| format!("{}@{}", cohort.first_response, cohort.calendar))
}

/// A filter that can be followed: its words, its address, and whether it is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub words: String,
    pub address: String,
    pub here: bool,
}

/// Filters that can be followed; a list of one says nothing, and is left out.
#[derive(Debug)]
pub(super) struct Links {
    pub states: Vec<Link>,
    pub owners: Vec<Link>,
    pub levels: Vec<Link>,
    pub tags: Vec<Link>,
}

impl Links {
    pub(super) fn new(t: Language, filter: &Filter, all: &[Known]) -> Self {
        let link = |words: String, to: Filter| Link {
            words,
            here: to == *filter,
            address: to.address("/experiments"),
        };
        let everything = |to: Filter| link(t.say("list-all").to_string(), to);
        let list = |first: Link, rest: Vec<Link>| {
            if rest.len() > 1 || !rest.is_empty() && !first.here {
                [vec![first], rest].concat()
            } else {
                Vec::new()
            }
        };
        let states = Place::ALL.into_iter().filter_map(|place| {
            let count = all.iter().filter(|known| known.place == place).count();
            let words = t.say("list-count").with("name", place.title(t)).with("n", count).to_string();
            (count > 0).then(|| link(words, Filter { state: place.key().to_owned(), ..filter.clone() }))
        });
        let tags: std::collections::BTreeSet<&str> =
            all.iter().flat_map(|known| &known.experiment.definition.tags).map(String::as_str).collect();
        let tags = tags
            .into_iter()
            .map(|tag| link(tag.to_owned(), Filter { tag: tag.to_owned(), ..filter.clone() }));
        let owners: std::collections::BTreeSet<&str> =
            all.iter().map(|known| known.experiment.definition.owner.as_str()).collect();
        let owners = owners
            .into_iter()
            .filter(|owner| !owner.is_empty())
            .map(|owner| link(owner.to_owned(), Filter { owner: owner.to_owned(), ..filter.clone() }));
        let promises: std::collections::BTreeMap<String, String> =
            all.iter().flat_map(|known| levels(known).zip(known.levels(t)).collect::<Vec<_>>()).collect();
        let levels =
            promises.into_iter().map(|(level, words)| link(words, Filter { level, ..filter.clone() }));
        Self {
            states: list(everything(Filter { state: String::new(), ..filter.clone() }), states.collect()),
            owners: list(everything(Filter { owner: String::new(), ..filter.clone() }), owners.collect()),
            tags: list(everything(Filter { tag: String::new(), ..filter.clone() }), tags.collect()),
            levels: list(everything(Filter { level: String::new(), ..filter.clone() }), levels.collect()),
        }
    }
}
