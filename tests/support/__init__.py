"""What tests share: certificates made to measure, peers to talk to, scans to read. benches/ has it, too."""
