// Go's crypto/x509 as a judge of certification paths: a line of fields between tabs for each, and a line with the verdict
// for each back, in the same order. Fields: leaf, intermediates and trust anchors (base64 of DER, between commas), the
// server's name, the time in seconds since 1970.

//go:debug default=go1.24
package main

import (
	"bufio"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<24)
	out := bufio.NewWriter(os.Stdout)
	for lines.Scan() {
		if err := judge(strings.Split(lines.Text(), "\t")); err != nil {
			fmt.Fprintf(out, "refused\t%s\n", strings.ReplaceAll(strings.ReplaceAll(err.Error(), "\n", " "), "\t", " "))
		} else {
			fmt.Fprintf(out, "accepted\tok\n")
		}
		out.Flush()
	}
}

func judge(fields []string) error {
	leaf, err := parse(fields[0])
	if err != nil {
		return err
	}
	if len(leaf) != 1 {
		return fmt.Errorf("%d leaves", len(leaf))
	}
	intermediates, err := pool(fields[1])
	if err != nil {
		return err
	}
	roots, err := pool(fields[2])
	if err != nil {
		return err
	}
	seconds, err := strconv.ParseInt(fields[4], 10, 64)
	if err != nil {
		return err
	}
	_, err = leaf[0].Verify(x509.VerifyOptions{
		DNSName:       fields[3],
		Intermediates: intermediates,
		Roots:         roots,
		CurrentTime:   time.Unix(seconds, 0),
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	return err
}

func pool(text string) (*x509.CertPool, error) {
	certificates, err := parse(text)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	for _, certificate := range certificates {
		pool.AddCert(certificate)
	}
	return pool, nil
}

func parse(text string) ([]*x509.Certificate, error) {
	certificates := []*x509.Certificate{}
	for _, part := range strings.Split(text, ",") {
		if part == "" {
			continue
		}
		der, err := base64.StdEncoding.DecodeString(part)
		if err != nil {
			return nil, err
		}
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("parse: %w", err)
		}
		certificates = append(certificates, certificate)
	}
	return certificates, nil
}
