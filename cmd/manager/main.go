// The manager is the operator's binary: it runs the controllers against one cluster.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	_ "time/tzdata" // Time zones, also where the image has none.

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/metrics/filters"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/amends-dev/amends/controllers"
	"github.com/amends-dev/amends/internal/bookkeeper"
)

// version is set when the binary is built.
var version = "devel"

func main() {
	o, err := readOptions(os.Args[1:], os.LookupEnv)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		fmt.Fprintln(os.Stderr, "manager:", err)
		os.Exit(2)
	case o.showVersion:
		fmt.Println("amends", version)
		return
	}
	log := newLogger(&o)
	if o.shard != "" {
		log = log.WithValues("shard", o.shard)
	}
	ctrl.SetLogger(log)
	klog.SetLogger(log)
	ctx := ctrl.SetupSignalHandler()
	go collectGarbage(ctx)
	if err := run(ctx, &o); err != nil {
		log.Error(err, "The operator has stopped")
		os.Exit(1)
	}
}

// newLogger writes structured lines to standard error.
func newLogger(o *options) logr.Logger {
	level := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "error": slog.LevelError}[o.logLevel]
	handlerOptions := &slog.HandlerOptions{Level: level}
	var handler slog.Handler = slog.NewJSONHandler(os.Stderr, handlerOptions)
	if o.logFormat == "text" {
		handler = slog.NewTextHandler(os.Stderr, handlerOptions)
	}
	return logr.FromSlogHandler(handler)
}

func run(ctx context.Context, o *options) error {
	mgr, lease, err := newManager(o)
	if err != nil {
		return err
	}
	if err := controllers.Setup(ctx, mgr, controllers.Options{Clock: clock.RealClock{}, Skew: o.clockSkew, Workers: o.workers, Lease: lease, Part: o.part()}); err != nil {
		return err
	}
	if err := mgr.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return fmt.Errorf("adding the health check: %w", err)
	}
	if err := mgr.AddReadyzCheck("caches", cachesSynced(mgr)); err != nil {
		return fmt.Errorf("adding the readiness check: %w", err)
	}
	ctrl.Log.Info("The operator starts", "version", version, "namespaces", o.namespaceList(), "leaderElection", o.leaderElect,
		"identity", identityIn(lease), "incidents", o.selector, "keeper", o.keeper)
	return mgr.Start(ctx)
}

func newManager(o *options) (ctrl.Manager, bookkeeper.Lease, error) {
	config, err := ctrl.GetConfig()
	if err != nil {
		return nil, nil, fmt.Errorf("reading the kubeconfig: %w", err)
	}
	// The API server's own fairness limits us; a limit here would only hold deadlines back.
	config.QPS = -1
	scheme, err := controllers.NewScheme()
	if err != nil {
		return nil, nil, fmt.Errorf("making the scheme: %w", err)
	}
	caches, err := o.part().CacheOptions(o.namespaceList())
	if err != nil {
		return nil, nil, err
	}
	metricsOptions := server.Options{BindAddress: o.metricsAddress, SecureServing: o.metricsSecure}
	if o.metricsSecure {
		metricsOptions.FilterProvider = filters.WithAuthenticationAndAuthorization
	}
	options := ctrl.Options{
		Scheme:                        scheme,
		Cache:                         caches,
		Client:                        client.Options{},
		Metrics:                       metricsOptions,
		HealthProbeBindAddress:        o.probeAddress,
		LeaderElection:                o.leaderElect,
		LeaderElectionID:              o.leaseName(),
		LeaderElectionReleaseOnCancel: true,
	}
	var lock *sparingLock
	if o.leaderElect {
		if lock, err = newLock(config, o.leaderSpace, o.leaseName()); err != nil {
			return nil, nil, err
		}
		options.LeaderElectionResourceLockInterface = lock
		options.RetryPeriod = new(lookEvery)
	}
	mgr, err := ctrl.NewManager(config, options)
	if err != nil {
		return nil, nil, fmt.Errorf("making the manager: %w", err)
	}
	return mgr, heldBy(lock, mgr), nil
}

// cachesSynced says that everything has been read, also in a replica that only stands by.
func cachesSynced(mgr ctrl.Manager) healthz.Checker {
	return func(req *http.Request) error {
		if !mgr.GetCache().WaitForCacheSync(req.Context()) {
			return errors.New("the caches have not been read yet")
		}
		return nil
	}
}
