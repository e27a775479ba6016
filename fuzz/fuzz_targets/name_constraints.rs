#![no_main]

certpath_fuzz::libfuzzer!("name_constraints");
