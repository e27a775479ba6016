#![no_main]

certpath_fuzz::libfuzzer!("lists");
