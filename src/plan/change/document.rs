//! A change as a document, kind `ChangePlan`; `schemas/change-plan.schema.json` describes it.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::types::{Change, Move, Verdict};

impl Serialize for Change {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut document = serializer.serialize_struct("ChangePlan", 11)?;
        document.serialize_field("apiVersion", "tenancy.platform/v1alpha1")?;
        document.serialize_field("kind", "ChangePlan")?;
        document.serialize_field("first", &self.first)?;
        document.serialize_field("loosens", &(self.loosens().count() > 0))?;
        document.serialize_field("teams", &self.teams)?;
        document.serialize_field("controls", &self.controls)?;
        document.serialize_field("grants", &self.grants)?;
        document.serialize_field("quotas", &self.quotas)?;
        document.serialize_field("secrets", &self.secrets)?;
        document.serialize_field("pools", &self.pools)?;
        document.serialize_field("clusters", &self.clusters)?;
        document.end()
    }
}

/// With what it means for both teams, in the words of controls.
impl Serialize for Move {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut document = serializer.serialize_struct("Move", 6)?;
        document.serialize_field("resource", &self.resource)?;
        document.serialize_field("count", &self.count)?;
        document.serialize_field("from", &self.from)?;
        document.serialize_field("fromVerdict", &Verdict::Tightened)?;
        document.serialize_field("to", &self.to)?;
        document.serialize_field("toVerdict", &Verdict::Loosened)?;
        document.end()
    }
}
