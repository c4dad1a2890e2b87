// Go's crypto/tls as a peer for the interop run: both roles, told what to do by lines on its standard input,
// each a verb and name=value fields between tabs. It sends back what it gets, and closes after the line "CLOSE".
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"reflect"
	"strconv"
	"strings"
	"sync"
)

type fields map[string]string

var (
	outputLock sync.Mutex
	listeners  = map[string]net.Listener{}
	dialed     = map[string]*tls.Conn{}
	dialedLock sync.Mutex
	sessions   = map[string]tls.ClientSessionCache{}
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<20)
	for lines.Scan() {
		parts := strings.Split(lines.Text(), "\t")
		given := fields{}
		for _, part := range parts[1:] {
			name, value, _ := strings.Cut(part, "=")
			given[name] = value
		}
		switch parts[0] {
		case "listen":
			listen(given)
		case "dial":
			config, err := configOf(given, false)
			if err != nil {
				say("failed", given["id"], "error="+err.Error())
				continue
			}
			go dial(given, config)
		case "close":
			dialedLock.Lock()
			if conn := dialed[given["id"]]; conn != nil {
				go conn.Close()
			}
			dialedLock.Unlock()
		case "stop":
			if listener := listeners[given["id"]]; listener != nil {
				listener.Close()
			}
		}
	}
}

func say(verb string, id string, more ...string) {
	outputLock.Lock()
	defer outputLock.Unlock()
	line := verb + "\tid=" + id
	for _, field := range more {
		line += "\t" + strings.NewReplacer("\t", " ", "\n", " ").Replace(field)
	}
	fmt.Println(line)
}

func configOf(given fields, isServer bool) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12}
	if given["cert"] != "" {
		certificate, err := tls.LoadX509KeyPair(given["cert"], given["key"])
		if err != nil {
			return nil, err
		}
		if given["ocsp"] != "" {
			certificate.OCSPStaple, err = hex.DecodeString(given["ocsp"])
			if err != nil {
				return nil, err
			}
		}
		config.Certificates = []tls.Certificate{certificate}
	}
	if given["ca"] != "" {
		text, err := os.ReadFile(given["ca"])
		if err != nil {
			return nil, err
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(text)
		config.RootCAs, config.ClientCAs = roots, roots
	}
	if given["alpn"] != "" {
		config.NextProtos = strings.Split(given["alpn"], ",")
	}
	for _, number := range numbers(given["suites"]) {
		config.CipherSuites = append(config.CipherSuites, uint16(number))
	}
	for _, number := range numbers(given["groups"]) {
		config.CurvePreferences = append(config.CurvePreferences, tls.CurveID(number))
	}
	config.SessionTicketsDisabled = given["tickets"] != "1"
	switch given["clientAuthentication"] {
	case "optional":
		config.ClientAuth = tls.VerifyClientCertIfGiven
	case "required":
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	if !isServer {
		config.ServerName = given["name"]
		if word := given["sessions"]; word != "" {
			if sessions[word] == nil {
				sessions[word] = tls.NewLRUClientSessionCache(10)
			}
			config.ClientSessionCache = sessions[word]
		}
	}
	return config, nil
}

func numbers(text string) []int {
	var all []int
	for _, part := range strings.Split(text, ",") {
		if number, err := strconv.Atoi(part); err == nil {
			all = append(all, number)
		}
	}
	return all
}

func listen(given fields) {
	config, err := configOf(given, true)
	if err != nil {
		say("failed", given["id"], "error="+err.Error())
		return
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		say("failed", given["id"], "error="+err.Error())
		return
	}
	listeners[given["id"]] = listener
	say("listening", given["id"], "port="+strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))
	go func() {
		for {
			socket, err := listener.Accept()
			if err != nil {
				return
			}
			go converse(given["id"], tls.Server(socket, config))
		}
	}()
}

func dial(given fields, config *tls.Config) {
	socket, err := net.Dial("tcp", "127.0.0.1:"+given["port"])
	if err != nil {
		say("failed", given["id"], "error="+err.Error())
		return
	}
	conn := tls.Client(socket, config)
	dialedLock.Lock()
	dialed[given["id"]] = conn
	dialedLock.Unlock()
	converse(given["id"], conn)
}

func converse(id string, conn *tls.Conn) {
	if err := conn.Handshake(); err != nil {
		conn.Close()
		say("failed", id, "error="+err.Error())
		return
	}
	state := conn.ConnectionState()
	exported := ""
	if secret, err := state.ExportKeyingMaterial("EXPORTER-interop", nil, 32); err == nil {
		exported = hex.EncodeToString(secret)
	}
	say("seen", id,
		fmt.Sprintf("suite=%d", state.CipherSuite),
		fmt.Sprintf("group=%d", groupOf(state)),
		"alpn="+state.NegotiatedProtocol,
		"name="+state.ServerName,
		fmt.Sprintf("resumed=%t", state.DidResume),
		fmt.Sprintf("peerCertificate=%t", len(state.PeerCertificates) > 0),
		fmt.Sprintf("stapled=%t", len(state.OCSPResponse) > 0),
		"exported="+exported,
		"unique="+hex.EncodeToString(state.TLSUnique))
	err := echo(conn)
	conn.Close()
	if err != nil && !errors.Is(err, net.ErrClosed) {
		say("failed", id, "error="+err.Error())
		return
	}
	say("ended", id)
}

// echo reads and writes at once, so that neither side waits for the other.
func echo(conn *tls.Conn) error {
	chunks := make(chan []byte, 1<<16)
	written := make(chan error, 1)
	go func() {
		var failure error
		for chunk := range chunks {
			if failure == nil {
				_, failure = conn.Write(chunk)
			}
		}
		written <- failure
	}()
	for {
		chunk := make([]byte, 1<<14)
		count, err := conn.Read(chunk)
		if string(chunk[:count]) == "CLOSE\n" {
			close(chunks)
			<-written
			conn.CloseWrite()
			_, err = io.Copy(io.Discard, conn)
			return err
		}
		if count > 0 {
			chunks <- chunk[:count]
		}
		if err != nil {
			close(chunks)
			failure := <-written
			if err == io.EOF {
				return failure
			}
			return err
		}
	}
}

// groupOf is 0 where the library is too old to tell: ConnectionState.CurveID came with Go 1.25.
func groupOf(state tls.ConnectionState) uint64 {
	field := reflect.ValueOf(state).FieldByName("CurveID")
	if !field.IsValid() {
		return 0
	}
	return field.Uint()
}
