package mediaconvert

import (
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/vodstack/vodstack/internal/local/events"
	"github.com/vodstack/vodstack/internal/local/objectstore"
)

const (
	region  = "eu-central-1"
	account = "000000000000"
	role    = "arn:aws:iam::000000000000:role/encoder"
)

// One versitygw serves all tests, since there can be one in a process.
var (
	store   *s3.Client
	storeAt S3
)

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "mediaconvert")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	gateway := &objectstore.Gateway{
		Address: freeAddress(), Dir: dir, Region: region, AccessKey: account, SecretKey: "secret",
		Emit: func(events.Event) error { return nil }, Log: slog.New(slog.DiscardHandler),
	}
	if err := gateway.Initialize(); err != nil {
		panic(err)
	}
	defer gateway.Close()
	storeAt = S3{Endpoint: "http://" + gateway.Address, AccessKey: account, SecretKey: "secret"}
	objects := newS3Objects(storeAt, region)
	defer objects.close()
	store = objects.client
	return m.Run()
}

func freeAddress() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// repository is the root of the sources; versitygw changes the working
// directory, so this is found through the compiler.
func repository() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "../../..")
}
