// Package engine runs the whole stack's surroundings on one machine: the
// control plane, S3, MediaConvert, EventBridge's part, delivery, the REST API
// and the page, started and stopped in order, all on loopback.
package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/vodstack/vodstack/internal/local/controlplane"
	"github.com/vodstack/vodstack/internal/local/delivery"
	"github.com/vodstack/vodstack/internal/local/events"
	"github.com/vodstack/vodstack/internal/local/gateway"
	"github.com/vodstack/vodstack/internal/local/guard"
	"github.com/vodstack/vodstack/internal/local/mediaconvert"
	"github.com/vodstack/vodstack/internal/local/objectstore"
	"github.com/vodstack/vodstack/internal/local/transcode"
)

// The machine's own account. In this region plain boto3 presigns with
// Signature Version 4, which the object store wants. The access key is the
// account's number, which is what functions sign with; the secret key is the
// home's own.
const (
	Region    = "eu-central-1"
	Account   = "000000000000"
	AccessKey = Account
)

// Engine is all parts together.
type Engine struct {
	Root   string // the repository
	Home   string // state, absolute
	Ports  Ports
	Python string
	FFmpeg string
	Probe  string // ffprobe
	// Hosts are those that the ports answer to beside loopback, as
	// guard.ParseHosts reads them.
	Hosts []string
	Log   *slog.Logger

	program   string // hash
	secretKey string // of the home
	keys      *guard.Keyring

	lock  *os.File
	bus   *events.Bus
	parts []part // in the order of their start
	died  chan error
}

// part is what every component has in common.
type part interface {
	Initialize() error
	Close()
}

// mortal is a part that can end by itself, with its reason.
type mortal interface {
	Done() <-chan struct{}
	Err() error
}

// Initialize starts every part, and returns when all answer. After an
// error nothing is left running.
func (e *Engine) Initialize() error {
	if err := errors.Join(MakePrivate(e.Home), os.MkdirAll(filepath.Join(e.Home, "logs"), 0o700)); err != nil {
		return fmt.Errorf("the engine's folder: %w", err)
	}
	var err error
	if e.lock, err = lock(e.Home); err != nil {
		return err
	}
	if err := e.claim(); err != nil {
		e.Close()
		return err
	}
	e.died = make(chan error, 1)
	parts, err := e.assemble()
	if err != nil {
		e.Close()
		return err
	}
	for _, p := range parts {
		if err := p.Initialize(); err != nil {
			e.Close()
			return explain(err)
		}
		e.parts = append(e.parts, p)
		e.watch(p)
	}
	return explain(e.startAnswering())
}

// claim leaves the note, once nothing is in the way.
func (e *Engine) claim() error {
	e.stopAnswering() // the sign of an engine that was killed
	var err error
	if e.program, err = ProgramHash(); err != nil {
		return err
	}
	if err := e.Ports.CheckFree(); err != nil {
		return err
	}
	if e.secretKey, err = ensureSecretKey(e.Home); err != nil {
		return explain(err)
	}
	return explain(e.control("").write(e.Home))
}

// Died tells when a part has ended by itself, and why.
func (e *Engine) Died() <-chan error { return e.died }

// Close stops every part, the last one first.
func (e *Engine) Close() {
	e.stopAnswering()
	for i := len(e.parts) - 1; i >= 0; i-- {
		e.parts[i].Close()
	}
	e.parts = nil
	if e.bus != nil {
		e.bus.Settle() // the control plane has saved what it was given
	}
	if e.lock != nil {
		e.lock.Close()
		e.lock = nil
	}
}

// Fail notes why the engine ends, for whoever asks later.
func (e *Engine) Fail(reason error) {
	if err := e.control(reason.Error()).write(e.Home); err != nil {
		e.Log.Error("the engine's note cannot be written", "error", err)
	}
}

func (e *Engine) control(failure string) Control {
	return Control{
		Version: stateVersion, PID: os.Getpid(), Root: e.Root, Ports: e.Ports,
		Region: Region, Program: e.program, Failure: failure,
	}
}

func (e *Engine) watch(p part) {
	m, ok := p.(mortal)
	if !ok {
		return
	}
	go func() {
		<-m.Done()
		if m.Err() == nil {
			return
		}
		select {
		case e.died <- m.Err():
		default:
		}
	}()
}

// assemble makes the parts in the order of their start: each needs those
// before it. The control plane stops last, so that it keeps what the others
// still tell it.
func (e *Engine) assemble() ([]part, error) {
	e.keys = e.newKeyring()
	plane := e.newControlPlane()
	e.bus = e.newBus(plane)
	e.bus.Saved = plane.SavedUntil
	api, err := e.newAPI(plane)
	return []part{
		plane,
		&gateway.Server{Name: "control plane", Address: address(e.Ports.ControlPlane), Handler: e.guardControlPlane(plane)},
		e.bus,
		e.newStore(plane),
		e.newMediaConvert(),
		e.newDelivery(),
		e.newWatch(plane),
		api,
		e.newPage(),
		resumption{plane},
	}, err
}

func (e *Engine) newControlPlane() *controlplane.Server {
	return &controlplane.Server{
		Address: address(e.Ports.ControlPlane), Python: e.Python, Dir: e.dir(controlPlaneDir),
		Region: Region, SecretKey: e.secretKey,
		Environment: []string{
			"VOD_HOME=" + e.Home,
			"AWS_ENDPOINT_URL_S3=" + e.Ports.StoreURL(),
			"AWS_ENDPOINT_URL_MEDIACONVERT=" + e.Ports.MediaConvertURL(),
		},
		LogFile: filepath.Join(e.Home, "logs", "control-plane.log"), Log: e.log("control plane"),
	}
}

func (e *Engine) newBus(plane *controlplane.Server) *events.Bus {
	url, client := e.Ports.ControlPlaneURL(), plane.Client()
	keys := credentials.NewStaticCredentialsProvider(AccessKey, e.secretKey, "")
	return &events.Bus{
		Dir: e.dir("events"), Account: Account, Region: Region, Log: e.log("events"),
		Router: &events.Rules{Client: eventbridge.New(eventbridge.Options{BaseEndpoint: &url, Region: Region, Credentials: keys, HTTPClient: client})},
		Carrier: &events.Services{
			Lambda: lambda.New(lambda.Options{BaseEndpoint: &url, Region: Region, Credentials: keys, HTTPClient: client}),
			SQS:    sqs.New(sqs.Options{BaseEndpoint: &url, Region: Region, Credentials: keys, HTTPClient: client}),
		},
	}
}

func (e *Engine) newStore(plane *controlplane.Server) *objectstore.Gateway {
	return &objectstore.Gateway{
		Address: address(e.Ports.Store), Dir: e.dir("s3"), Region: Region,
		AccessKey: AccessKey, SecretKey: e.secretKey, Emit: e.bus.PutAnyway, Log: e.log("s3"),
		Guard: e.guardStore,
		ControlPlane: &objectstore.ControlPlane{
			Dial:   func(ctx context.Context) (net.Conn, error) { return plane.Dial(ctx, "", "") },
			Verify: guard.Verifier{Key: e.keys.Find}.VerifyHeader,
		},
	}
}

func (e *Engine) newMediaConvert() *mediaconvert.Server {
	return &mediaconvert.Server{
		Address: address(e.Ports.MediaConvert), Dir: e.dir("mediaconvert"), Region: Region, Account: Account,
		S3:         mediaconvert.S3{Endpoint: e.Ports.StoreURL(), AccessKey: AccessKey, SecretKey: e.secretKey},
		Transcoder: &transcode.Transcoder{FFmpeg: e.FFmpeg, FFprobe: e.Probe},
		Emit:       e.bus.Put, Guard: e.guardMediaConvert, Log: e.log("mediaconvert"),
	}
}

func (e *Engine) newDelivery() *delivery.Proxy {
	return &delivery.Proxy{
		Address: address(e.Ports.Delivery), Store: e.Ports.StoreURL(), Region: Region,
		AccessKey: AccessKey, SecretKey: e.secretKey, Origins: e.origins, Log: e.log("delivery"),
		Identity: delivery.Identity{Path: identityPath, Value: e.control("")}, Guard: e.guardDelivery,
	}
}

func (e *Engine) newWatch(plane *controlplane.Server) *events.ExecutionWatch {
	url := e.Ports.ControlPlaneURL()
	return &events.ExecutionWatch{
		Client: sfn.New(sfn.Options{
			BaseEndpoint: &url, Region: Region, Credentials: credentials.NewStaticCredentialsProvider(AccessKey, e.secretKey, ""),
			HTTPClient: plane.Client(),
		}),
		SeenFile: filepath.Join(e.Home, "executions.seen"), Emit: e.bus.Put, Log: e.log("executions"),
	}
}

func (e *Engine) dir(name string) string       { return filepath.Join(e.Home, name) }
func (e *Engine) log(name string) *slog.Logger { return e.Log.With("part", name) }
