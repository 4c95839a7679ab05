//! `gpu/<cluster>/`: MIG and device-plugin configurations, and which node gets which.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::gpu::{device_plugin, mig_parted};
use super::{Output, RenderError, kustomization};
use crate::plan::{
    ClusterPlan, DEVICE_PLUGIN_CONFIG_MAP, GPU_OPERATOR_NAMESPACE, MANAGED_BY, MIG_CONFIG_MAP, POOL_NODE_LABEL,
    POOL_TAINT, PoolPlan,
};
