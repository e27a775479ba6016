//! The Python module `certpath._certpath`: src/py/ as a shared library.

// Linked for the one function that it exports, by which Python begins.
extern crate certpath as _;
