package faulttest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/client-go/rest"

	"github.com/amends-dev/amends/internal/fixture/planetest"
)

// detour is a way to the API server on which a test meddles with what passes. A process
// takes it whose kubeconfig says so: that is how a bug gets into a program.
type detour struct {
	next http.RoundTripper
	// meddle does with a write what it will, and sends it with send.
	meddle func(r *http.Request, body []byte, send sender) (*http.Response, error)
	server *httptest.Server
}

// sender sends a write with this body.
type sender func(body []byte) (*http.Response, error)

// sendsIt does not meddle.
func sendsIt(_ *http.Request, body []byte, send sender) (*http.Response, error) { return send(body) }

// detoured opens a way on which a test meddles, for the processes that are started from
// now on. What it returns lets others take the straight one.
func (f *fleet) detoured(d *detour) (straight func()) {
	f.Helper()
	config := planetest.Plane(f).Config()
	next, err := rest.TransportFor(config)
	if err != nil {
		f.Fatal(err)
	}
	target, err := url.Parse(config.Host)
	if err != nil {
		f.Fatal(err)
	}
	d.next = next
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.Transport, proxy.FlushInterval = d, -1
	proxy.ErrorLog = log.New(io.Discard, "", 0) // A process that is killed hangs up.
	d.server = httptest.NewServer(proxy)
	f.Cleanup(func() {
		for _, p := range f.all {
			p.kill() // Or the server would wait for the end of its watches.
		}
		d.server.Close()
	})
	before := f.kubeconfig
	f.kubeconfig = filepath.Join(filepath.Dir(f.program), "detour")
	if err := os.WriteFile(f.kubeconfig, []byte(detourConfig(d.server.URL)), 0o600); err != nil {
		f.Fatal(err)
	}
	return func() { f.kubeconfig = before }
}

// detourConfig is a kubeconfig of a server that asks nobody who he is.
func detourConfig(server string) string {
	return `{apiVersion: v1, kind: Config, current-context: it, clusters: [{name: it, cluster: {server: "` + server +
		`"}}], users: [{name: it, user: {}}], contexts: [{name: it, context: {cluster: it, user: it}}]}`
}

// RoundTrip implements http.RoundTripper.
func (d *detour) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil || !slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodPatch}, r.Method) {
		return d.next.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	return d.meddle(r, body, func(body []byte) (*http.Response, error) {
		// What was sent arrives, whatever has become of its sender.
		sent := r.Clone(context.WithoutCancel(r.Context()))
		sent.Body, sent.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		return d.next.RoundTrip(sent)
	})
}

// statusOf says whether a request writes the status of an object of a resource.
func statusOf(r *http.Request, resource, name string) bool {
	return (r.Method == http.MethodPut || r.Method == http.MethodPatch) && strings.HasSuffix(r.URL.Path, "/"+resource+"/"+name+"/status")
}

// rewritten is a JSON body with its fields changed. One that is no JSON stays as it is.
func rewritten(body []byte, change func(fields map[string]any)) []byte {
	var fields map[string]any
	if json.Unmarshal(body, &fields) != nil {
		return body
	}
	change(fields)
	out, err := json.Marshal(fields)
	if err != nil {
		return body
	}
	return out
}
