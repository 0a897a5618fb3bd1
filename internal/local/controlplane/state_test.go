package controlplane

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const makeTable = `{"TableName":%q,"BillingMode":"PAY_PER_REQUEST",
	"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}]}`

// kill ends the process as a power cut does, and waits until it is gone.
func kill(t *testing.T, s *Server) {
	t.Helper()
	if err := syscall.Kill(s.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-s.Done()
}

// successor is the next process on a server's state and port; nothing is
// started.
func successor(s *Server) *Server {
	return &Server{
		Address: s.Address, Python: s.Python, Dir: s.Dir, Region: s.Region, SecretKey: s.SecretKey,
		Environment: s.Environment, LogFile: s.LogFile, Log: s.Log,
	}
}

// saved waits until a snapshot has everything that is confirmed by now.
func saved(t *testing.T, s *Server) {
	t.Helper()
	now := time.Now()
	for deadline := now.Add(time.Minute); !s.SavedUntil().After(now); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no snapshot within a minute; the last one is of %v", s.SavedUntil())
		}
	}
}

func TestAKillLosesNothingThatIsOlderThanTheLastSnapshot(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir)
	call(t, s, "DynamoDB_20120810.CreateTable", fmt.Sprintf(makeTable, "kept"))
	saved(t, s)
	kill(t, s)

	s = start(t, dir)
	defer s.Close()
	if got := call(t, s, "DynamoDB_20120810.ListTables", `{}`); !strings.Contains(got, `"kept"`) {
		t.Errorf("after a kill the tables are %s", got)
	}
}

func TestAControlPlaneWithNothingToDoTakesNoSnapshots(t *testing.T) {
	s := start(t, t.TempDir())
	defer s.Close()
	call(t, s, "DynamoDB_20120810.CreateTable", fmt.Sprintf(makeTable, "kept"))
	saved(t, s)
	time.Sleep(6 * time.Second) // what follows a change counts as one for three
	last := s.SavedUntil()
	for range 4 {
		call(t, s, "DynamoDB_20120810.ListTables", `{}`)
		time.Sleep(time.Second)
	}
	if s.SavedUntil() != last {
		t.Error("reading made a snapshot")
	}
}

// fill writes to the disk until there is no more room, and returns how to make
// room again.
func fill(t *testing.T, dir string) func() {
	t.Helper()
	path := filepath.Join(dir, "fill")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, block := range []int{1 << 20, 1 << 12, 1} {
		for data := make([]byte, block); ; {
			if _, err := f.Write(data); err != nil {
				break
			}
		}
	}
	return func() { os.Remove(path) }
}

// smallDisk is a file system of its own with so many bytes.
func smallDisk(t *testing.T, size int) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", size)); err != nil {
		t.Skipf("this user may not mount a file system of a few megabytes, which is what fills up here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestAStopOnAFullDiskKeepsTheLastSnapshotAndSaysSo(t *testing.T) {
	dir := smallDisk(t, 16<<20)
	s := start(t, dir)
	call(t, s, "DynamoDB_20120810.CreateTable", fmt.Sprintf(makeTable, "kept"))
	saved(t, s)
	makeRoom := fill(t, dir)
	call(t, s, "DynamoDB_20120810.CreateTable", fmt.Sprintf(makeTable, "late"))
	s.Close()
	if err := Unsaved(dir); err == nil || !strings.Contains(err.Error(), "it goes back to ") {
		t.Errorf("a stop that saved nothing says %v", err)
	}

	makeRoom()
	s = start(t, dir)
	if got := call(t, s, "DynamoDB_20120810.ListTables", `{}`); !strings.Contains(got, `"kept"`) {
		t.Errorf("after the stop the tables are %s", got)
	}
	s.Close()
	if err := Unsaved(dir); err != nil {
		t.Errorf("a stop that saved everything says %v", err)
	}
}

func TestASnapshotIsTakenAgainOnceTheDiskHasRoom(t *testing.T) {
	dir := smallDisk(t, 16<<20)
	s := start(t, dir)
	defer s.Close()
	makeRoom := fill(t, dir)
	call(t, s, "DynamoDB_20120810.CreateTable", fmt.Sprintf(makeTable, "kept"))
	time.Sleep(3 * time.Second)
	makeRoom()
	saved(t, s)
}

func TestADamagedSnapshotStopsTheStartAndIsNotOverwritten(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir)
	call(t, s, "DynamoDB_20120810.CreateTable", fmt.Sprintf(makeTable, "kept"))
	s.Close()
	files, err := filepath.Glob(filepath.Join(dir, "snapshot", "*-dynamodb.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the tables are in %v, %v", files, err)
	}
	if err := os.WriteFile(files[0], []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	again := successor(s)
	if err := again.Initialize(); err == nil {
		again.Close()
		t.Error("it starts with no tables")
	}
	if data, err := os.ReadFile(files[0]); err != nil || string(data) != "{" {
		t.Errorf("the file is now %q, %v", data, err)
	}
}

// waits is a machine whose second state waits for its token, as Encode does.
const waits = `{"StartAt":"First","States":{"First":{"Type":"Pass","Result":{"from":"First"},"Next":"Wait"},
	"Wait":{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage.waitForTaskToken",
		"Parameters":{"QueueUrl":%q,"MessageBody.$":"$$.Task.Token"},"ResultPath":null,"End":true}}}`

func TestAnExecutionGoesOnAfterAKillWithTheStateThatItWasIn(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir)
	queue := answer(t, call(t, s, "AmazonSQS.CreateQueue", `{"QueueName":"tokens"}`))["QueueUrl"]
	machine := answer(t, call(t, s, "AWSStepFunctions.CreateStateMachine", marshal(t, map[string]any{
		"name": "m", "roleArn": "arn:aws:iam::000000000000:role/r", "definition": fmt.Sprintf(waits, queue),
	})))["stateMachineArn"]
	execution := answer(t, call(t, s, "AWSStepFunctions.StartExecution", marshal(t, map[string]any{
		"stateMachineArn": machine, "name": "video", "input": `{"from":"outside"}`,
	})))["executionArn"]
	first := token(t, s, queue)
	saved(t, s)
	kill(t, s)

	s = successor(s)
	if err := s.Initialize(); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	describe := func() map[string]any {
		return answer(t, call(t, s, "AWSStepFunctions.DescribeExecution", marshal(t, map[string]any{"executionArn": execution})))
	}
	if got := describe(); got["status"] != "RUNNING" {
		t.Fatalf("before it is resumed the execution is %v", got)
	}
	if err := s.Resume(); err != nil {
		t.Fatal(err)
	}
	second := token(t, s, queue)
	if second == first {
		t.Error("the state was entered again with the token of before, which nobody waits for")
	}
	call(t, s, "AWSStepFunctions.SendTaskSuccess", marshal(t, map[string]any{"taskToken": second, "output": "{}"}))
	for deadline := time.Now().Add(time.Minute); describe()["status"] == "RUNNING" && time.Now().Before(deadline); {
		time.Sleep(50 * time.Millisecond)
	}
	if got := describe(); got["status"] != "SUCCEEDED" || got["output"] != `{"from": "First"}` {
		t.Errorf("the execution ended %v with %v", got["status"], got["output"])
	}
	history := call(t, s, "AWSStepFunctions.GetExecutionHistory", marshal(t, map[string]any{"executionArn": execution}))
	if states := strings.Count(history, `"name": "First"`); states != 2 { // entered and left
		t.Errorf("the first state was entered again: %s", history)
	}
}

// token takes the next message out of a queue.
func token(t *testing.T, s *Server, queue any) string {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		out := answer(t, call(t, s, "AmazonSQS.ReceiveMessage", marshal(t, map[string]any{"QueueUrl": queue})))
		messages, _ := out["Messages"].([]any)
		if len(messages) == 0 {
			continue
		}
		message := messages[0].(map[string]any)
		call(t, s, "AmazonSQS.DeleteMessage", marshal(t, map[string]any{"QueueUrl": queue, "ReceiptHandle": message["ReceiptHandle"]}))
		return message["Body"].(string)
	}
	t.Fatal("no token within a minute")
	return ""
}

func answer(t *testing.T, text string) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return out
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
