package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	smallMB       = 128 // the least that Lambda gives
	functionColds = 7
	functionWarms = 30
	videoCold     = 1000 * time.Millisecond
	videoWarm     = 350 * time.Millisecond
)

// A call is one call of a function.
type call struct {
	name     string // of the function
	pipeline bool   // every plain video takes this call, wherever it came from
	event    []byte
	about    situation
}

// functions measures every function of a video by itself, under a Runtime API
// and with its services over HTTPS, at the memory that it is deployed with and
// at the least that there is: a cold call is the init, to which Lambda gives
// whole cores, and the first call; a warm one is a later call. An empty
// function in the same share tells what is left for ours.
func functions(ctx context.Context, b *bench) error {
	share, err := newShare(smallMB)
	if err != nil {
		b.report.add("functions over HTTPS", "not measured: this user may not make control groups")
		return nil
	}
	share.close()
	empty, err := emptyBinary(ctx, b)
	if err != nil {
		return err
	}
	deployed, err := deployments()
	if err != nil {
		return err
	}
	c, err := newCloud(b.dir)
	if err != nil {
		return err
	}
	defer c.close()
	calls, err := plainCalls(ctx, b.clips, c)
	if err != nil {
		return err
	}
	var small, own, nothing total
	for _, one := range calls {
		say("%s: %d cold starts and %d warm calls, at two sizes", one.name, functionColds, functionWarms)
		run := measured{cloud: c, call: one, env: slices.Concat(deployed[one.name].env, c.env, overrides)}
		for _, size := range []struct {
			what, binary string
			memory       int
			sum          *total
		}{
			{one.name, filepath.Join(b.functions, one.name, "bootstrap"), smallMB, &small},
			{one.name, filepath.Join(b.functions, one.name, "bootstrap"), deployed[one.name].memory, &own},
			{"  an empty function beside it", empty, smallMB, &nothing},
		} {
			run.binary, run.memory = size.binary, size.memory
			took, err := run.measure(ctx)
			if err != nil {
				return fmt.Errorf("%s at %d MB: %w", size.what, size.memory, err)
			}
			b.report.add(fmt.Sprintf("%s at %d MB", size.what, size.memory), took.text())
			if one.pipeline {
				size.sum.add(took)
			}
		}
	}
	b.report.promise("a plain video, all functions of the pipeline cold, at 128 MB", small.text(), "cold ≤ 1.0 s", small.cold <= videoCold)
	b.report.promise("a plain video, all functions of the pipeline warm, at 128 MB", small.over(nothing), "warm ≤ 0.35 s", small.warm <= videoWarm)
	b.report.add("a plain video, at the memory that is deployed", own.text())
	return nil
}

// overrides make the functions those of a default stack, where the golden
// template has other settings.
var overrides = func() []string {
	options, err := json.Marshal(defaultOptions)
	if err != nil {
		panic(err)
	}
	return []string{
		"AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_SESSION_TOKEN=" + strings.Repeat("t", 800),
		"ENCODING_OPTIONS=" + string(options), "STACK_NAME=vod", "MEDIACONVERT_QUEUE_ARN=",
	}
}()

// measured is a function in a share.
type measured struct {
	cloud  *cloud
	call   call
	binary string
	env    []string
	memory int // MB
}

// A timing is what a function takes.
type timing struct {
	init, first, warm time.Duration
	cpuCold, cpuWarm  time.Duration // of init and first call together; of one warm call
	connections       int64         // of a run with all its warm calls
	requests          int64         // of one call
}

func (m measured) measure(ctx context.Context) (timing, error) {
	m.cloud.tell(m.call.about)
	var runs []timing
	for i := range functionColds {
		warms := 0
		if i == 0 {
			warms = functionWarms
		}
		one, err := m.run(ctx, warms)
		if err != nil {
			return one, err
		}
		runs = append(runs, one)
	}
	median := func(of func(timing) time.Duration) time.Duration {
		var all []time.Duration
		for _, one := range runs {
			all = append(all, of(one))
		}
		return quantile(all, 0.5)
	}
	took := runs[0]
	took.init = median(func(t timing) time.Duration { return t.init })
	took.first = median(func(t timing) time.Duration { return t.first })
	took.cpuCold = median(func(t timing) time.Duration { return t.cpuCold })
	return took, nil
}

// run starts the function on a whole core and calls it in its share.
func (m measured) run(ctx context.Context, warms int) (t timing, err error) {
	limited, err := newShare(m.memory)
	if err != nil {
		return t, err
	}
	defer limited.close()
	opened, before := m.cloud.opened.Load(), m.cloud.asked.Load()
	f, err := startFunction(ctx, m.binary, append(m.env, fmt.Sprintf("AWS_LAMBDA_FUNCTION_MEMORY_SIZE=%d", m.memory)), nil)
	if err != nil {
		return t, err
	}
	defer func() {
		if stopped := f.stop(err); stopped != nil {
			err = stopped
		}
	}()
	t.init = f.ready.Sub(f.began)
	if asked := m.cloud.asked.Load() - before; asked > 0 {
		return t, fmt.Errorf("%d requests before the first event", asked)
	}
	if err = f.limit(limited); err != nil {
		return t, err
	}
	if t.first, err = f.timed(m.call.event); err != nil {
		return t, err
	}
	t.requests = m.cloud.asked.Load() - before
	if t.cpuCold, err = f.cpu(); err != nil {
		return t, err
	}
	var all []time.Duration
	for range warms {
		took, err := f.timed(m.call.event)
		if err != nil {
			return t, err
		}
		all = append(all, took)
	}
	if warms == 0 {
		return t, nil
	}
	cpu, err := f.cpu()
	t.warm, t.cpuWarm = quantile(all, 0.5), (cpu-t.cpuCold)/time.Duration(warms)
	t.connections = m.cloud.opened.Load() - opened
	if warned := strings.TrimSpace(f.output.String()); err == nil && strings.Contains(warned, `"level":"ERROR"`) {
		err = errors.New("the function logged an error")
	}
	return t, err
}

// timed is how long the function takes for one event.
func (f *function) timed(event []byte) (time.Duration, error) {
	began := time.Now()
	answer, err := f.call(event)
	return answer.at.Sub(began), err
}

func (t timing) text() string {
	return fmt.Sprintf("cold %.0f ms (init %.0f, call %.0f), warm %.0f ms; processor %.1f and %.2f ms; %d requests a call, %d connections in %d",
		ms(t.init+t.first), ms(t.init), ms(t.first), ms(t.warm), ms(t.cpuCold), ms(t.cpuWarm), t.requests, t.connections, functionWarms+1)
}

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }

// A total is what one call each of several functions takes.
type total struct{ cold, warm, cpuCold, cpuWarm time.Duration }

func (s *total) add(t timing) {
	s.cold += t.init + t.first
	s.warm += t.warm
	s.cpuCold += t.cpuCold
	s.cpuWarm += t.cpuWarm
}

func (s total) text() string {
	return fmt.Sprintf("cold %.2f s, warm %.2f s; processor %.0f and %.1f ms", s.cold.Seconds(), s.warm.Seconds(), ms(s.cpuCold), ms(s.cpuWarm))
}

// over is a total beside that of as many empty functions.
func (s total) over(empty total) string {
	return fmt.Sprintf("%.2f s; processor time %.1f × that of as many empty functions cold, %.1f × warm",
		s.warm.Seconds(), s.cpuCold.Seconds()/empty.cpuCold.Seconds(), s.cpuWarm.Seconds()/empty.cpuWarm.Seconds())
}
