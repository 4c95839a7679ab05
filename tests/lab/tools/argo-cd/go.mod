// Brings the custom resource definitions of Argo CD from its published Go module; nothing of it is compiled.
// See tests/lab/README.md.
module platform.lab/argo-cd

go 1.26.0

require github.com/argoproj/argo-cd/v3 v3.5.0
