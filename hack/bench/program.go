package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/amends-dev/amends/internal/fixture/plane"
)

// program is a process that is measured.
type program struct {
	command *exec.Cmd
	metrics string
	probes  string
	started time.Time
	gone    chan struct{}
}

// operate starts the operator and waits until its caches are read. It says how long that
// took.
func (w *world) operate(ctx context.Context, args ...string) (*program, time.Duration, error) {
	p := &program{gone: make(chan struct{})}
	var err error
	if p.metrics, err = plane.FreeAddress(ctx); err != nil {
		return nil, 0, err
	}
	if p.probes, err = plane.FreeAddress(ctx); err != nil {
		return nil, 0, err
	}
	all := append([]string{"--metrics-secure=false", "--metrics-bind-address=" + p.metrics, "--health-probe-bind-address=" + p.probes}, args...)
	p.command = exec.Command(w.manager, all...) //nolint:gosec // the program that was built
	log, err := os.Create(filepath.Join(w.dir, fmt.Sprintf("operator-%d.log", len(w.programs))))
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = log.Close() }()
	p.command.Env = []string{"KUBECONFIG=" + w.kubeconfig, "HOME=" + w.dir}
	p.command.Stderr = log
	if err := w.begin(p); err != nil {
		return nil, 0, err
	}
	err = p.await(ctx, "http://"+p.probes+"/readyz")
	return p, time.Since(p.started), err
}

// begin starts a process that ends with the world.
func (w *world) begin(p *program) error {
	p.started = time.Now()
	if err := p.command.Start(); err != nil {
		return err
	}
	w.programs = append(w.programs, p)
	go func() {
		_ = p.command.Wait()
		close(p.gone)
	}()
	return nil
}

func (p *program) await(ctx context.Context, url string) error {
	return wait.PollUntilContextTimeout(ctx, 5*time.Millisecond, 5*time.Minute, true, func(ctx context.Context) (bool, error) {
		select {
		case <-p.gone:
			return false, fmt.Errorf("%s has ended by itself", p.command.Path)
		default:
			_, err := plane.ReadPage(ctx, url)
			return err == nil, nil
		}
	})
}

// kill ends the process at once; it may have ended before.
func (p *program) kill() error {
	select {
	case <-p.gone:
		return nil
	default:
	}
	err := p.command.Process.Kill()
	<-p.gone
	return err
}

// resident is how much memory the process has, in bytes.
func (p *program) resident() (int64, error) { return p.memory("VmRSS") }

// peak is the most that it ever had.
func (p *program) peak() (int64, error) { return p.memory("VmHWM") }

func (p *program) memory(which string) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	kib, err := strconv.ParseInt(strings.TrimSuffix(field(string(text), which), " kB"), 10, 64)
	return kib << 10, err
}

// used is how much processor time the process has used.
func (p *program) used() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, _, used, err := stat(string(text))
	return used, err
}

// inform starts a bare informer and says how long it took to read everything.
func (w *world) inform(ctx context.Context) (*program, time.Duration, error) {
	return w.again(ctx, informerMode)
}

// again starts this program once more, in one of its modes, and says how long it took to
// be ready.
func (w *world) again(ctx context.Context, mode string) (*program, time.Duration, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, 0, err
	}
	p := &program{gone: make(chan struct{}), command: exec.Command(self, mode, w.kubeconfig)} //nolint:gosec // this program itself
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, 0, err
	}
	if err := w.begin(p); err != nil {
		return nil, 0, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || strings.TrimSpace(line) != synced {
		return nil, 0, fmt.Errorf("the bare %s says %q: %w", mode, line, err)
	}
	return p, time.Since(p.started), ctx.Err()
}
