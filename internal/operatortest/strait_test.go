package operatortest

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// straits stand between operators and the API server: every request of an operator goes
// through here, over a real connection, and each namespace can have a trouble of its own.
type straits struct {
	server *httptest.Server
	beyond http.Handler

	mu sync.Mutex
	of map[string]*strait
}

// openStraits lets operators through to the API server of a configuration.
func openStraits(t *testing.T, account *rest.Config) *straits {
	t.Helper()
	target, err := url.Parse(account.Host)
	if err != nil {
		t.Fatal(err)
	}
	// The operator's own token goes through as it comes.
	transport, err := rest.TransportFor(&rest.Config{Host: account.Host, TLSClientConfig: rest.TLSClientConfig{CAData: account.CAData}})
	if err != nil {
		t.Fatal(err)
	}
	// A connection that is broken on purpose is nothing to tell.
	silent := log.New(io.Discard, "", 0)
	s := &straits{of: map[string]*strait{}}
	s.beyond = &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport:      transport,
		FlushInterval:  -1, // A watch tells at once.
		ErrorLog:       silent,
		ModifyResponse: s.answered,
	}
	s.server = httptest.NewUnstartedServer(s)
	s.server.EnableHTTP2 = true // As the API server has it: one connection for everything.
	s.server.Config.ErrorLog = silent
	s.server.StartTLS()
	return s
}

// config is how an operator with an account reaches the API server through here.
func (s *straits) config(account *rest.Config) *rest.Config {
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.server.Certificate().Raw})
	return &rest.Config{Host: s.server.URL, BearerToken: account.BearerToken, TLSClientConfig: rest.TLSClientConfig{CAData: ca}}
}

// close ends all connections, the watches too.
func (s *straits) close() {
	s.server.CloseClientConnections()
	s.server.Close()
}

// at is the strait of a namespace.
func (s *straits) at(namespace string) *strait {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of[namespace] == nil {
		s.of[namespace] = &strait{record: newRecord(), taken: map[string]int{}}
	}
	return s.of[namespace]
}

// ServeHTTP implements http.Handler.
func (s *straits) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	namespace, object := writtenStatus(r)
	if namespace == "" || !s.at(namespace).meet(w, r, object, s.beyond) {
		s.beyond.ServeHTTP(w, r)
	}
}

// answered counts what the API server has taken, whether or not the operator hears of it.
func (s *straits) answered(response *http.Response) error {
	if namespace, object := writtenStatus(response.Request); namespace != "" && response.StatusCode == http.StatusOK {
		s.at(namespace).took(object)
	}
	return nil
}

// writtenStatus is whose status a request writes, as incidents/coffee; nothing where it
// does something else.
func writtenStatus(r *http.Request) (namespace, object string) {
	if r.Method != http.MethodPatch && r.Method != http.MethodPut {
		return "", ""
	}
	rest, ours := strings.CutPrefix(r.URL.Path, "/apis/"+v1alpha1.GroupVersion.String()+"/namespaces/")
	parts := strings.Split(rest, "/")
	if !ours || len(parts) != 4 || parts[3] != "status" {
		return "", ""
	}
	return parts[0], parts[1] + "/" + parts[2]
}

// trouble answers a write in the API server's place; beyond is the API server.
type trouble func(w http.ResponseWriter, r *http.Request, beyond http.Handler)

// strait is what the writes of statuses in one namespace meet.
type strait struct {
	*record

	mu sync.Mutex
	// ill says whose writes meet the trouble; nil for nobody's.
	ill     func(object string) bool
	trouble trouble
	// taken is how often the API server has taken a write.
	taken map[string]int
	// over is done once the trouble is.
	over context.Context
	end  context.CancelFunc
}

// begin lets writes meet a trouble from now on.
func (s *strait) begin(is trouble, ill func(object string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ill, s.trouble = ill, is
	s.over, s.end = context.WithCancel(context.Background())
}

// clear lets every write through again, and ends what hangs.
func (s *strait) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end != nil {
		s.end()
	}
	s.ill = nil
}

// meet is true where a write met the trouble.
func (s *strait) meet(w http.ResponseWriter, r *http.Request, object string, beyond http.Handler) bool {
	s.mu.Lock()
	met, is, over := s.ill != nil && s.ill(object), s.trouble, s.over
	s.mu.Unlock()
	if met {
		s.add(object)
		is(w, r.WithContext(context.WithValue(r.Context(), overKey{}, over)), beyond)
	}
	return met
}

func (s *strait) took(object string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken[object]++
}

// timesTaken is how often the API server has taken a write of an object.
func (s *strait) timesTaken(object string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken[object]
}

// overKey is where a trouble finds the context that is done once it is over.
type overKey struct{}

// refuses answers each write so, with headers in pairs.
func refuses(code int32, reason metav1.StatusReason, headers ...string) trouble {
	return func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		_, _ = io.Copy(io.Discard, r.Body)
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(int(code))
		_ = json.NewEncoder(w).Encode(&metav1.Status{
			TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"},
			Status:   metav1.StatusFailure, Code: code, Reason: reason, Message: "injected",
		})
	}
}

// hangs answers nothing until the trouble is over or the operator waits no longer.
func hangs(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
	_, _ = io.Copy(io.Discard, r.Body)
	over, _ := r.Context().Value(overKey{}).(context.Context)
	select {
	case <-over.Done():
	case <-r.Context().Done():
	}
	panic(http.ErrAbortHandler)
}

// breaks cuts the connection in the middle of a request: of every second object before the
// API server has it, and of the others after it has taken it.
func breaks(_ http.ResponseWriter, r *http.Request, beyond http.Handler) {
	if _, object := writtenStatus(r); odd(object) {
		beyond.ServeHTTP(httptest.NewRecorder(), r)
	}
	panic(http.ErrAbortHandler)
}

// odd says whether the number at the end of a name is.
func odd(name string) bool {
	return name != "" && strings.ContainsRune("13579", rune(name[len(name)-1]))
}
