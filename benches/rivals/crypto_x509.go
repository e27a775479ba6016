// Go's crypto/x509 as a rival: benches/rivals.py writes the file, builds this with `go build`, starts it and takes turns.
//
// The file: a line of trust anchors, then a line for each question: the time in seconds, the name, and the chain, end
// entity first, between tabs; certificates are hexadecimal, separated by commas. For each line on standard input,
// THREADS and TIMES, every question is asked TIMES times on so many threads. Each answer starts from the octets, as
// everybody's does; the pool of anchors is made beforehand. The nanoseconds and the number of accepted chains are printed.
package main

import (
	"bufio"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

type question struct {
	at    time.Time
	name  string
	chain [][]byte
}

func octets(list string) (all [][]byte) {
	for _, text := range strings.Split(list, ",") {
		der, err := hex.DecodeString(text)
		if err != nil {
			panic(err)
		}
		all = append(all, der)
	}
	return all
}

func accepts(one question, roots *x509.CertPool) bool {
	leaf, err := x509.ParseCertificate(one.chain[0])
	if err != nil {
		return false
	}
	sent := x509.NewCertPool()
	for _, der := range one.chain[1:] {
		if certificate, err := x509.ParseCertificate(der); err == nil {
			sent.AddCert(certificate)
		}
	}
	// The key usage asked for is that of servers, the default.
	_, err = leaf.Verify(x509.VerifyOptions{DNSName: one.name, Intermediates: sent, Roots: roots, CurrentTime: one.at})
	return err == nil
}

func main() {
	file, err := os.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<26)
	lines.Scan()
	roots := x509.NewCertPool()
	for _, der := range octets(lines.Text()) {
		if certificate, err := x509.ParseCertificate(der); err == nil {
			roots.AddCert(certificate)
		}
	}
	var questions []question
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		seconds, _ := strconv.ParseInt(fields[0], 10, 64)
		questions = append(questions, question{time.Unix(seconds, 0), fields[1], octets(fields[2])})
	}
	for orders := bufio.NewScanner(os.Stdin); orders.Scan(); {
		var threads, times int
		fmt.Sscan(orders.Text(), &threads, &times)
		counts := make([]int, threads)
		began := time.Now()
		var workers sync.WaitGroup
		for first := 0; first < threads; first++ {
			workers.Add(1)
			go func(first int) {
				defer workers.Done()
				good := 0
				for turn := 0; turn < times; turn++ {
					for n := first; n < len(questions); n += threads {
						if accepts(questions[n], roots) {
							good++
						}
					}
				}
				counts[first] = good
			}(first)
		}
		workers.Wait()
		taken := time.Since(began)
		good := 0
		for _, count := range counts {
			good += count
		}
		fmt.Println(taken.Nanoseconds(), good)
	}
}
