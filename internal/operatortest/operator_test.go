package operatortest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/amends-dev/amends/internal/fixture/plane"
)

// operator is one process of the operator.
type operator struct {
	command *exec.Cmd
	log     string
	metrics string // the address of its metrics, host and port
	probes  string
	gone    chan struct{} // closed once the process has ended
	exit    error         // how it ended, once gone is closed
}

// startShared starts the operator that the tests share, and waits until it leads.
func (in *installation) startShared(ctx context.Context) error {
	o, err := in.start(ctx, "--metrics-secure=false")
	if err != nil {
		return err
	}
	in.shared = o
	return o.awaitLead(ctx)
}

// start starts an operator as the Deployment does, but for its addresses, which are
// random ones of this machine, and waits until its caches are read. Arguments given
// here win over those of the Deployment.
func (in *installation) start(ctx context.Context, args ...string) (*operator, error) {
	o := &operator{gone: make(chan struct{})}
	var err error
	if o.metrics, err = plane.FreeAddress(ctx); err != nil {
		return nil, err
	}
	if o.probes, err = plane.FreeAddress(ctx); err != nil {
		return nil, err
	}
	in.mu.Lock()
	o.log = filepath.Join(in.dir, fmt.Sprintf("operator-%d.log", len(in.started)+1))
	in.started = append(in.started, o)
	in.mu.Unlock()

	log, err := os.Create(o.log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	all := append(append([]string{}, in.args...), "--metrics-bind-address="+o.metrics, "--health-probe-bind-address="+o.probes)
	o.command = exec.Command(in.program, append(all, args...)...) //nolint:gosec // the program that was built above
	// Nothing of this process's environment: the kubeconfig says who the operator is.
	o.command.Env = []string{"KUBECONFIG=" + in.kubeconfig(operatorName), "HOME=" + in.dir}
	o.command.Stdout, o.command.Stderr = log, log
	if err := o.command.Start(); err != nil {
		return nil, err
	}
	go func() {
		o.exit = o.command.Wait()
		close(o.gone)
	}()
	return o, o.awaitReady(ctx)
}

func (o *operator) awaitReady(ctx context.Context) error {
	return o.poll(ctx, "is not ready", func(ctx context.Context) bool {
		_, err := plane.ReadPage(ctx, "http://"+o.probes+"/readyz")
		return err == nil
	})
}

// leading is how the metrics say that the operator holds the lease.
const leading = `leader_election_master_status{name="` + operatorName + `"} 1`

// awaitLead waits until the operator holds the lease, as its metrics tell.
func (o *operator) awaitLead(ctx context.Context) error {
	return o.poll(ctx, "does not lead", func(ctx context.Context) bool {
		page, err := plane.ReadPage(ctx, "http://"+o.metrics+"/metrics")
		return err == nil && strings.Contains(page, leading)
	})
}

func (o *operator) poll(ctx context.Context, complaint string, holds func(context.Context) bool) error {
	err := wait.PollUntilContextTimeout(ctx, glance, patience, true, func(ctx context.Context) (bool, error) {
		select {
		case <-o.gone:
			return false, fmt.Errorf("it has ended: %w", o.exit)
		default:
			return holds(ctx), nil
		}
	})
	if err != nil {
		said, _ := os.ReadFile(o.log)
		return fmt.Errorf("the operator %s: %w\n%s", complaint, err, said)
	}
	return nil
}

// kill ends the process as a crash does: at once, and with the lease in its hands.
func (o *operator) kill() {
	if o.command == nil || o.command.Process == nil {
		return
	}
	_ = o.command.Process.Kill()
	<-o.gone
}

// stop ends the process as a roll-out does, and tells if it did not end well.
func (o *operator) stop() error {
	select {
	case <-o.gone:
		return fmt.Errorf("the operator had ended by itself: %w", o.exit)
	default:
	}
	if err := o.command.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	select {
	case <-o.gone:
	case <-ctx.Done():
		return errors.New("the operator did not end within 30s of SIGTERM, the time that its pod has")
	}
	if o.exit != nil {
		return fmt.Errorf("the operator did not end well on SIGTERM: %w", o.exit)
	}
	return nil
}

// neverSaid is what an operator with the right roles and without faults never logs.
var neverSaid = regexp.MustCompile(`(?i)forbidden|panic|DATA RACE|Reconciler error`)

// accuse quotes the lines of the operator's log that should not be there.
func (o *operator) accuse() error {
	log, err := os.Open(o.log)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	var lines []string
	scanner := bufio.NewScanner(log)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		// What a process that ends had under way is given up, and tried by the next one.
		if line := scanner.Text(); neverSaid.MatchString(line) && !strings.HasSuffix(line, `context canceled"}`) {
			lines = append(lines, scanner.Text())
		}
	}
	if len(lines) > 0 {
		return fmt.Errorf("the operator said what it never should:\n%s", strings.Join(lines, "\n"))
	}
	return scanner.Err()
}
