//! Views of small specs, and the parts they are made of.
