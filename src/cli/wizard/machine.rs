//! The wizard without a terminal: where it stands, what an answer does, and the way back.
//!
//! The spec holds after every answer: an answer after which it would not is refused, and nothing has changed.

use std::collections::BTreeSet;

use super::judge::{self, Refusal};
use super::pick::Pick;
use super::question::{Answer, Question};
use super::step::Step;
use super::{answers, ask, list, order, typed};
use crate::overlay;
use crate::spec::Spec;

/// A wizard at one of its questions.
pub(in crate::cli) struct Wizard {
    /// What was answered so far; clusters and teams may still be missing.
    pub(super) spec: Spec,
    /// What was there before; `None` for a new spec.
    original: Option<Spec>,
    overlays: overlay::Files,
    /// The flags whose questions are not asked.
    given: BTreeSet<&'static str>,
    step: Step,
    trail: Vec<Passed>,
}

/// A question that was answered.
struct Passed {
    step: Step,
    /// The spec without what the answer began or removed; `None` where it only filled something in.
    without: Option<Spec>,
}

/// What an answer led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// Another question.
    Ask,
    /// The question before; `false` where there is none.
    Back(bool),
    /// The spec is to be written.
    Write,
    /// Nothing is to be written.
    Abort,
}

impl Wizard {
    /// A wizard at its first question; `spec` has what flags said already, `original` what was there before them.
    pub(in crate::cli) fn new(
        spec: Spec,
        original: Option<Spec>,
        overlays: overlay::Files,
        given: BTreeSet<&'static str>,
    ) -> Self {
        let mut wizard = Self {
            spec,
            original,
            overlays,
            given,
            step: Step::Name,
            trail: Vec::new(),
        };
        wizard.step = wizard.settle(Step::Name);
        if wizard.begins_list(wizard.step) {
            list::begin(&mut wizard.spec, wizard.step);
        }
        wizard
    }

    /// Goes to the summary, as if every question had been answered with its default.
    pub(in crate::cli) fn skip_to_summary(&mut self) {
        // Each cluster and team leads on when nothing is to be changed, so this comes to an end.
        while self.step != Step::Summary {
            let next = self.settle(order::after(self, self.step, Some(&Pick::Done)));
            self.trail.push(Passed {
                step: self.step,
                without: None,
            });
            self.step = next;
        }
    }

    /// The spec as it was answered.
    pub(in crate::cli) fn into_spec(self) -> Spec {
        self.spec
    }

    pub(super) fn step(&self) -> Step {
        self.step
    }

    /// The question where the wizard stands.
    pub(super) fn question(&self) -> Question {
        ask::question(self, self.step)
    }

    /// Takes an answer, or refuses it and stays as it was.
    pub(super) fn answer(&mut self, answer: &Answer) -> Result<Next, Refusal> {
        let pick = match answer {
            Answer::One(pick) => Some(pick),
            Answer::Text(_) | Answer::Many(_) => None,
        };
        match pick {
            Some(Pick::Write) => return Ok(Next::Write),
            Some(Pick::Abort) => return Ok(Next::Abort),
            Some(Pick::Back) => return Ok(Next::Back(self.back())),
            _ => {}
        }
        let mut filled = self.spec.clone();
        self.put(&mut filled, answer)?;
        let mut changed = filled.clone();
        let structural = pick.is_some_and(|pick| list::change(self, &mut changed, self.step, pick));
        judge::judge(&changed, &self.overlays).map_err(|refusal| self.explain(refusal))?;
        self.spec = changed;
        let mut without = structural.then_some(filled);
        let settled = self.settle(order::after(self, self.step, pick));
        if self.begins_list(settled) {
            without = Some(self.spec.clone());
            list::begin(&mut self.spec, settled);
        }
        self.trail.push(Passed {
            step: self.step,
            without,
        });
        self.step = settled;
        Ok(Next::Ask)
    }

    /// Goes back to the question before; `false` where there is none.
    pub(super) fn back(&mut self) -> bool {
        let Some(passed) = self.trail.pop() else {
            return false;
        };
        if let Some(without) = passed.without {
            self.spec = without;
        }
        self.step = passed.step;
        true
    }

    /// Whether a flag answered the question of a step.
    pub(super) fn is_given(&self, flag: &str) -> bool {
        self.given.contains(flag)
    }

    /// Whether a team was not in the spec before.
    pub(super) fn is_new_team(&self, team: usize) -> bool {
        let name = self.spec.teams.get(team).map(|team| team.name.as_str());
        let known = self.original.iter().flat_map(|spec| &spec.teams);
        !known.into_iter().any(|team| Some(team.name.as_str()) == name)
    }

    /// How many teams there were before.
    pub(super) fn former_teams(&self) -> usize {
        self.original.as_ref().map_or(0, |spec| spec.teams.len())
    }

    pub(super) fn is_unsupported(&self, spec: &Spec) -> bool {
        judge::is_unsupported(spec, &self.overlays)
    }

    /// Whether a team of this name could stand in the spec.
    pub(super) fn may_name_team(&self, name: &str) -> bool {
        let mut spec = self.spec.clone();
        spec.teams.push(answers::team(name));
        judge::judge(&spec, &self.overlays).is_ok()
    }

    fn put(&self, spec: &mut Spec, answer: &Answer) -> Result<(), Refusal> {
        match answer {
            Answer::Text(text) => typed::put(Some(self), spec, self.step, text).map_err(Refusal::new),
            Answer::One(pick) => {
                pick.put(self.step, spec);
                Ok(())
            }
            Answer::Many(picks) => {
                let names = picks.iter().filter_map(|pick| match pick {
                    Pick::Overlay(name) => Some(name.clone()),
                    _ => None,
                });
                spec.overlays = names.collect();
                Ok(())
            }
        }
    }

    /// A refusal with what is left of the pool that it is about.
    fn explain(&self, mut refusal: Refusal) -> Refusal {
        if let (Step::GpuCount(t, g), true) = (self.step, refusal.codes.contains(&"does-not-fit")) {
            refusal.lines.extend(super::ask_team::left_of(&self.spec, t, g));
        }
        refusal
    }

    /// The step itself, or the next one whose question is to be asked.
    fn settle(&self, mut step: Step) -> Step {
        loop {
            if self.begins_list(order::first_of(step)) && !self.is_given(step.flag()) {
                return order::first_of(step);
            }
            if step == Step::Summary || (order::applies(self, step) && !self.is_given(step.flag())) {
                return step;
            }
            step = order::after(self, step, Some(&Pick::Done));
        }
    }

    /// Whether a step names the first element of a list that must not be empty and is.
    fn begins_list(&self, step: Step) -> bool {
        match step {
            Step::ClusterName(0) => self.spec.clusters.is_empty(),
            Step::TeamName(0) => self.spec.teams.is_empty(),
            _ => false,
        }
    }
}
