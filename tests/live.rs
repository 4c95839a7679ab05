//! Live tests: the real API server and the real policy engines, as local processes; see `tests/lab/README.md`.

mod lab;

mod live {
    mod admission;
    mod applied;
    mod clusters;
    mod drift;
    mod members;
    mod pack;
    mod pods;
    mod supervisor;
    mod tenancy;
}
