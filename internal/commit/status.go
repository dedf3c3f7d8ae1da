package commit

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// WriteStatus replaces the status of an object by that of next, which names the object and
// the version that was decided on, see Version. The API server takes nothing else from it;
// it refuses the write with a conflict where the version is not the one it has, and with a
// conflict or as not found where the object is another of the name. Afterwards next is what
// the API server has stored. Its memory is written to: nothing of it may be shared.
//
// The answer is waited for no longer than Patience: what hangs must not hold up what does
// not. Whether it was written after all is not known then.
//
// The whole status is sent, and not a patch: the API server would have to read, apply and
// read again what it has, which is a seventh of all that a write costs it.
func WriteStatus(ctx context.Context, w client.StatusClient, next client.Object) error {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	return w.Status().Update(ctx, next, FieldOwner)
}

// Patience is how long an answer to a write is waited for.
const Patience = 10 * time.Second

// Version is all that a status write has to say of the object that was decided on.
func Version(of client.Object) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Namespace: of.GetNamespace(), Name: of.GetName(), UID: of.GetUID(), ResourceVersion: of.GetResourceVersion(),
	}
}
