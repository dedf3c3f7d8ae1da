package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// stopWithin is how long the operator has to end when it is asked to.
const stopWithin = 15 * time.Second

// operator is the operator's process.
type operator struct {
	cmd  *exec.Cmd
	log  string
	done chan struct{}
	err  error // once done is closed
}

// startOperator runs the operator's binary with a kubeconfig of its own account. It
// leads a process group, so that a Ctrl-C on the terminal reaches the demo alone, and
// the demo ends it in its order.
func startOperator(program string, config *rest.Config, dir string) (*operator, error) {
	kubeconfig := filepath.Join(dir, "operator.kubeconfig")
	if err := writeKubeconfig(config, kubeconfig); err != nil {
		return nil, err
	}
	o := &operator{log: filepath.Join(dir, "operator.log"), done: make(chan struct{})}
	log, err := os.Create(o.log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the process has its own
	o.cmd = exec.Command(program, "--metrics-bind-address=0", "--health-probe-bind-address=0", "--log-format=text")
	o.cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "AMENDS_") || strings.HasPrefix(v, "KUBECONFIG=")
	}), "KUBECONFIG="+kubeconfig)
	o.cmd.Stdout, o.cmd.Stderr = log, log
	o.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := o.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the operator: %w", err)
	}
	go func() {
		o.err = o.cmd.Wait()
		close(o.done)
	}()
	return o, nil
}

// ended is how the operator ended by itself.
func (o *operator) ended() error {
	if o.err == nil {
		return errors.New("the operator has ended")
	}
	return fmt.Errorf("the operator has ended: %w", o.err)
}

// stop ends the operator's process group and waits until it has gone.
func (o *operator) stop() error {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		select {
		case <-o.done:
			return nil
		default:
		}
		if err := syscall.Kill(-o.cmd.Process.Pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stop the operator: %w", err)
		}
		select {
		case <-o.done:
		case <-time.After(stopWithin):
		}
	}
	select {
	case <-o.done:
		return nil
	default:
		return fmt.Errorf("the operator, process %d, does not end", o.cmd.Process.Pid)
	}
}

// lastWords are the last lines of the operator's log.
func (o *operator) lastWords(n int) []string {
	content, err := os.ReadFile(o.log)
	if err != nil {
		return nil
	}
	lines := strings.Split(string(bytes.TrimSpace(content)), "\n")
	return lines[max(0, len(lines)-n):]
}

// writeKubeconfig writes a kubeconfig file for a configuration with a token.
func writeKubeconfig(config *rest.Config, path string) error {
	const name = "demo"
	out := clientcmdapi.NewConfig()
	out.Clusters[name] = &clientcmdapi.Cluster{Server: config.Host, CertificateAuthorityData: config.CAData}
	out.AuthInfos[name] = &clientcmdapi.AuthInfo{Token: config.BearerToken}
	out.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name}
	out.CurrentContext = name
	return clientcmd.WriteToFile(*out, path)
}
