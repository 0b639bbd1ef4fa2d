//! One answer of `/metrics`, read as Prometheus reads it.

use std::collections::{BTreeMap, BTreeSet};

use axum::Router;

use crate::kit::{Ask, Origin};

pub(crate) struct Scrape {
    /// The type of each family.
    types: BTreeMap<String, String>,
    samples: BTreeMap<String, f64>,
}

impl Scrape {
    pub(crate) async fn of(origin: &Origin) -> Self {
        Self::through(origin.app.private_router()).await
    }

    pub(crate) async fn through(private: Router) -> Self {
        let answer = Ask::new(private, "GET", "/metrics").send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        assert_eq!(answer.headers["content-type"], kind);
        Self::parse(&answer.text())
    }

    fn parse(text: &str) -> Self {
        let (mut types, mut samples) = (BTreeMap::new(), BTreeMap::new());
        let (mut family, mut helped) = (String::new(), BTreeSet::new());
        let lines = text.strip_suffix("# EOF\n").unwrap_or_else(|| panic!("no end: {text}"));
        for line in lines.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, help) = help.split_once(' ').unwrap();
                assert!(!help.is_empty() && helped.insert(name.to_owned()), "{line}");
            } else if let Some(typed) = line.strip_prefix("# TYPE ") {
                let (name, kind) = typed.split_once(' ').unwrap();
                assert!(helped.contains(name) && types.insert(name.to_owned(), kind.to_owned()).is_none(), "{line}");
                name.clone_into(&mut family);
            } else {
                let (sample, value) = line.rsplit_once(' ').unwrap();
                let value: f64 = value.parse().unwrap_or_else(|_| panic!("{line}"));
                assert!(sample.starts_with(&family) && value >= 0.0, "{line} in {family}");
                assert!(samples.insert(sample.to_owned(), value).is_none(), "{line} twice");
            }
        }
        Self { types, samples }
    }

    /// The names that one asks Prometheus for.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        let name = |(name, kind): (&String, &String)| {
            if kind == "counter" { format!("{name}_total") } else { name.clone() }
        };
        self.types.iter().map(name).collect()
    }

    /// The value of a sample, if there is one of that name and labels.
    pub(crate) fn find(&self, sample: &str) -> Option<f64> {
        self.samples.get(sample).copied()
    }

    #[track_caller]
    pub(crate) fn value(&self, sample: &str) -> f64 {
        self.find(sample).unwrap_or_else(|| panic!("{sample} is not in {:#?}", self.samples))
    }

    /// Expects samples of these values.
    #[track_caller]
    pub(crate) fn expect(&self, samples: &[(&str, f64)]) {
        for (sample, value) in samples {
            let found = self.value(sample);
            assert!((found - value).abs() < 1e-9, "{sample} is {found}, not {value}");
        }
    }
}
