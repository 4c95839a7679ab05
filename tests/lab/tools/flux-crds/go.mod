// The CRDs of the Flux controllers that the lab plays itself; nothing of these modules is compiled. See tests/lab/README.md.
module platform.lab/flux-crds

go 1.26.0

require (
	github.com/fluxcd/helm-controller v1.6.3
	github.com/fluxcd/source-controller v1.9.0
)
