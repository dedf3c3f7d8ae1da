package kube

import (
	"net/http"
	"sync"
	"time"

	"k8s.io/utils/clock"
)

// serverTime reads the API server's clock off the Date header of its answers.
type serverTime struct {
	local clock.PassiveClock

	mu     sync.Mutex
	last   time.Time     // the last Date, in whole seconds
	offset time.Duration // of the server's clock from this machine's
	error  time.Duration // how far the offset may be wrong
}

// wrap lets answers pass through and reads their dates.
func (s *serverTime) wrap(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(request *http.Request) (*http.Response, error) {
		asked := s.local.Now()
		response, err := next.RoundTrip(request)
		if response != nil {
			s.read(response.Header.Get("Date"), asked, s.local.Now())
		}
		return response, err
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip sends the request on.
func (f roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

// read takes a Date header in. The server wrote it at some instant between the request
// and the answer, and cut it to whole seconds.
func (s *serverTime) read(header string, asked, answered time.Time) {
	date, err := http.ParseTime(header)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = date.UTC()
	took := answered.Sub(asked)
	s.offset = date.Add(time.Second / 2).Sub(asked.Add(took / 2))
	s.error = (took + time.Second) / 2
}

// date is the time of the last answer, in whole seconds; false before the first.
func (s *serverTime) date() (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last, !s.last.IsZero()
}

// now is the time of the API server, as far as one can tell. Where this machine's clock
// may be right, it is taken to be right.
func (s *serverTime) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.offset.Abs() <= s.error {
		return s.local.Now().UTC()
	}
	return s.local.Now().Add(s.offset).UTC()
}

// skew is how far the server's clock is ahead of this machine's, zero where the answer
// took too long to tell.
func (s *serverTime) skew() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.offset.Abs() <= s.error {
		return 0
	}
	return s.offset.Round(time.Second)
}
