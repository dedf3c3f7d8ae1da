package faulttest

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/amends-dev/amends/internal/fixture/byhand"
)

// call is a request of the operator on its way to the API server.
type call struct {
	// number counts the writes of all operators of a world, from one; a read has that of
	// the write before it.
	number int
	read   bool
	what   string
	// object is what is sent, and patch how, where it is a patch: a hand may change both.
	object client.Object
	patch  client.Patch
}

// writesStatus says whether a call writes the status of an object of a kind.
func (c *call) writesStatus(kind string) bool {
	return !c.read && strings.HasSuffix(c.what, " status") && byhand.KindOf(c.object) == kind
}

// fate is what becomes of a call.
type fate struct {
	// refused is the answer in the API server's place.
	refused error
	// dies says that the operator stops: before the call, or after it was applied.
	diesBefore, diesAfter bool
	// lost says that the call is applied and the operator gets no answer.
	lost bool
}

// hand decides what becomes of each call of an operator.
type hand func(*call) fate

// let lets everything through.
func let(*call) fate { return fate{} }

// crashed is thrown where an operator stops: nothing of it runs after that.
type crashed struct{}

// errLost is the answer that did not come.
var errLost = apierrors.NewTimeoutError("the answer was lost", 1)

// errTooMany and the others are answers that an API server gives in trouble.
func errTooMany() error { return apierrors.NewTooManyRequests("injected", 1) }

func errInternal() error { return apierrors.NewInternalError(fmt.Errorf("injected")) }

func errUnreachable() error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{Status: metav1.StatusFailure, Code: http.StatusServiceUnavailable, Reason: metav1.StatusReasonServiceUnavailable, Message: "injected"}}
}

// client is what an operator talks to the API server with. Reads of it are live.
func (o *operator) apiClient() client.WithWatch {
	return interceptor.NewClient(o.w.api, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, into client.Object, opts ...client.GetOption) error {
			return o.read("get "+byhand.KindOf(into)+"/"+key.Name, func() error {
				if err := c.Get(ctx, key, into, opts...); err != nil {
					return err
				}
				o.w.dated(into)
				return nil
			})
		},
		List: func(ctx context.Context, c client.WithWatch, into client.ObjectList, opts ...client.ListOption) error {
			return o.read("list "+byhand.KindOf(into), func() error {
				if err := c.List(ctx, into, opts...); err != nil {
					return err
				}
				return o.w.datedList(into)
			})
		},
		Create: func(ctx context.Context, c client.WithWatch, object client.Object, opts ...client.CreateOption) error {
			return o.write(&call{what: "create", object: object}, func(sent *call) error { return c.Create(ctx, sent.object, opts...) })
		},
		Delete: func(ctx context.Context, c client.WithWatch, object client.Object, opts ...client.DeleteOption) error {
			return o.write(&call{what: "delete", object: object}, func(sent *call) error { return c.Delete(ctx, sent.object, opts...) })
		},
		Update: func(ctx context.Context, c client.WithWatch, object client.Object, opts ...client.UpdateOption) error {
			return o.write(&call{what: "update", object: object}, func(sent *call) error { return c.Update(ctx, sent.object, opts...) })
		},
		Patch: func(ctx context.Context, c client.WithWatch, object client.Object, patch client.Patch, opts ...client.PatchOption) error {
			return o.write(&call{what: "patch", object: object, patch: patch}, func(sent *call) error {
				return c.Patch(ctx, sent.object, sent.patch, opts...)
			})
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, object client.Object, patch client.Patch, opts ...client.SubResourcePatchOption) error {
			return o.write(&call{what: "patch " + sub, object: object, patch: patch}, func(sent *call) error {
				return c.SubResource(sub).Patch(ctx, sent.object, sent.patch, opts...)
			})
		},
		SubResourceUpdate: func(ctx context.Context, c client.Client, sub string, object client.Object, opts ...client.SubResourceUpdateOption) error {
			return o.write(&call{what: "update " + sub, object: object}, func(sent *call) error {
				return c.SubResource(sub).Update(ctx, sent.object, opts...)
			})
		},
	})
}

// read asks the hand about a live read.
func (o *operator) read(what string, do func() error) error {
	o.alive()
	f := o.hand(&call{number: o.w.writes, read: true, what: what})
	if f.refused != nil {
		return f.refused
	}
	return do()
}

// write sends what the hand lets through. The object that was sent is changed by the
// answer alone, and only where the operator gets it.
func (o *operator) write(c *call, do func(*call) error) error {
	o.alive()
	o.w.writes++
	asked := c.object
	c.number, c.object = o.w.writes, asked.DeepCopyObject().(client.Object)
	f := o.hand(c)
	o.alive() // A hand may have let others act, and stopped this one for good.
	switch {
	case f.diesBefore:
		o.die()
	case f.refused != nil:
		o.w.note("%d %s %s %s: refused %v", c.number, o.name, c.what, refOf(asked), f.refused)
		return f.refused
	}
	err := do(c)
	o.w.note("%d %s %s %s: %v", c.number, o.name, c.what, refOf(asked), err)
	if err == nil {
		o.applied(c)
	}
	switch {
	case f.diesAfter:
		o.die()
	case f.lost:
		return errLost
	}
	if err == nil && c.what != "delete" {
		reflect.ValueOf(asked).Elem().Set(reflect.ValueOf(c.object).Elem())
	}
	return err
}

// applied notes a write that the API server took.
func (o *operator) applied(c *call) {
	if c.what == "delete" {
		o.w.vanished(c.object)
		return
	}
	if !o.w.observe(c.object) {
		o.w.wound("%s wrote %s %s, and nothing changed by it", o.name, c.what, refOf(c.object))
	}
}

func (w *world) note(format string, args ...any) {
	w.trail = append(w.trail, w.clock.Now().UTC().Format("02 15:04:05 ")+fmt.Sprintf(format, args...))
}
