// Asks NVIDIA's published Go modules about MIG profiles; see tests/lab/README.md. Needs a C compiler (cgo), no GPU and no
// NVIDIA library: what it asks is compiled in.
module platform.lab/nvidia

go 1.26.0

require (
	github.com/NVIDIA/go-nvlib v0.13.0
	github.com/NVIDIA/go-nvml v0.13.4-1
)

require github.com/google/uuid v1.6.0 // indirect
