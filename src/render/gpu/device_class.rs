//! DeviceClasses of `resource.k8s.io/v1`: one per board and profile that a team is promised.

use serde_json::{Value, json};

use crate::plan::{DRA_DRIVER, DeviceClass, MANAGED_BY};

/// The object of a class.
///
/// Pods reach its devices by the extended resource, as they reach those of the device plugin, or by a claim.
pub fn object(class: &DeviceClass) -> Value {
    json!({
        "apiVersion": "resource.k8s.io/v1",
        "kind": "DeviceClass",
        "metadata": {"name": class.name, "labels": {MANAGED_BY.0: MANAGED_BY.1}},
        "spec": {
            "selectors": [{"cel": {"expression": expression(class)}}],
            "extendedResourceName": class.resource,
        },
    })
}

/// Which devices belong to the class. Attributes: dra-driver-nvidia-gpu `cmd/gpu-kubelet-plugin/deviceinfo.go`.
///
/// The product is the name that NVML gives; the node label, which the catalogue knows, has dashes for its blanks.
fn expression(class: &DeviceClass) -> String {
    let attribute = |name: &str| format!("device.attributes['{DRA_DRIVER}'].{name}");
    let mut terms = vec![
        format!("device.driver == '{DRA_DRIVER}'"),
        format!("{} == 'mig'", attribute("type")),
        format!("{} == '{}'", attribute("profile"), class.profile),
    ];
    if !class.products.is_empty() {
        let names: Vec<String> = class.products.iter().map(|name| format!("'{name}'")).collect();
        terms.push(format!(
            "{}.replace(' ', '-') in [{}]",
            attribute("productName"),
            names.join(", ")
        ));
    }
    terms.join(" && ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_selects_one_profile_of_one_board() {
        let mut class = DeviceClass {
            name: "h100-80gb-1g.10gb.me".to_owned(),
            resource: "nvidia.com/mig-1g.10gb.me".to_owned(),
            board: "h100-80gb".to_owned(),
            profile: "1g.10gb+me".to_owned(),
            products: Vec::new(),
        };
        let alone = "device.driver == 'gpu.nvidia.com' && device.attributes['gpu.nvidia.com'].type == 'mig' && \
                     device.attributes['gpu.nvidia.com'].profile == '1g.10gb+me'";
        assert_eq!(expression(&class), alone, "with one board");
        class.products = vec!["NVIDIA-H100-80GB-HBM3".to_owned(), "NVIDIA-H100-PCIe".to_owned()];
        let product = "device.attributes['gpu.nvidia.com'].productName.replace(' ', '-') in \
                       ['NVIDIA-H100-80GB-HBM3', 'NVIDIA-H100-PCIe']";
        assert_eq!(
            expression(&class),
            format!("{alone} && {product}"),
            "with several boards"
        );
        let object = object(&class);
        assert_eq!(
            object["spec"]["extendedResourceName"], "nvidia.com/mig-1g.10gb.me",
            "as pods ask for it"
        );
    }
}
