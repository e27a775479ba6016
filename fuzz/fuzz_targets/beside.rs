#![no_main]

certpath_fuzz::libfuzzer!("beside");
