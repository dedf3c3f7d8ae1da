package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// store is etcd, asked by its JSON gateway. The API server creates a few hundred
// incidents a second on two cores; etcd takes ten thousand. So what is only to be there
// is put there as the API server has stored one like it.
type store struct {
	address string
}

// etcd finds the etcd of this world: a child of this process says on its command line
// where it listens.
func (w *world) etcd() (*store, error) {
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return nil, err
	}
	parent := fmt.Sprintf("PPid:\t%d\n", os.Getpid())
	for _, path := range lines {
		text, err := os.ReadFile(path) //nolint:gosec // a file of /proc
		if err != nil {
			continue // It has ended meanwhile.
		}
		status, err := os.ReadFile(filepath.Join(filepath.Dir(path), "status")) //nolint:gosec // a file of /proc
		if err != nil || !strings.Contains(string(status), parent) {
			continue
		}
		for arg := range strings.SplitSeq(string(text), "\x00") {
			if address, ok := strings.CutPrefix(arg, "--listen-client-urls="); ok {
				return &store{strings.Split(address, ",")[0]}, nil
			}
		}
	}
	return nil, fmt.Errorf("no etcd among the children of this process")
}

// ask posts a question, or without one gets a page, and reads the answer.
func (s *store) ask(ctx context.Context, path string, question, answer any) error {
	method, body := http.MethodGet, []byte(nil)
	if question != nil {
		var err error
		if body, err = json.Marshal(question); err != nil {
			return err
		}
		method = http.MethodPost
	}
	request, err := http.NewRequestWithContext(ctx, method, s.address+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return err
	case response.StatusCode != http.StatusOK:
		return fmt.Errorf("etcd answers %s: %s", response.Status, text)
	case answer == nil:
		return nil
	}
	return json.Unmarshal(text, answer)
}

// pair is a key and its value; encoding/json writes bytes as the gateway wants them.
type pair struct {
	Key   []byte `json:"key"`
	Value []byte `json:"value"`
}

// get reads one value.
func (s *store) get(ctx context.Context, key string) ([]byte, error) {
	var answer struct {
		Pairs []pair `json:"kvs"`
	}
	if err := s.ask(ctx, "/v3/kv/range", map[string]any{"key": []byte(key)}, &answer); err != nil {
		return nil, err
	}
	if len(answer.Pairs) != 1 {
		return nil, fmt.Errorf("etcd has no %s", key)
	}
	return answer.Pairs[0].Value, nil
}

// put writes one pair. Several in a transaction would be faster and would share a
// revision, which the API server never lets two objects do: a watch that is taken up again
// after one of them would miss the others.
func (s *store) put(ctx context.Context, p pair) error {
	return s.ask(ctx, "/v3/kv/put", p, nil)
}
