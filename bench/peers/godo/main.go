// DigitalOcean's own client for Go, its idle connections as many as there are goroutines.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"net/http"
	"os"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/digitalocean/godo"
	"golang.org/x/oauth2"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type meter struct {
	left      int64
	length    int
	mutex     sync.Mutex
	latencies []time.Duration
}

func (m *meter) lane(client *godo.Client, id string) {
	var own []time.Duration
	for atomic.AddInt64(&m.left, -1) >= 0 {
		asked := time.Now()
		config, answer, err := client.Kubernetes.GetKubeConfig(context.Background(), id)
		check(err)
		if answer.StatusCode != 200 || len(config.KubeconfigYAML) != m.length {
			check(fmt.Errorf("status %d, %d bytes", answer.StatusCode, len(config.KubeconfigYAML)))
		}
		own = append(own, time.Since(asked))
	}
	m.mutex.Lock()
	m.latencies = append(m.latencies, own...)
	m.mutex.Unlock()
}

func (m *meter) run(client *godo.Client, id string, lanes int, requests int) {
	m.left = int64(requests)
	m.latencies = nil
	var all sync.WaitGroup
	for i := 0; i < lanes; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			m.lane(client, id)
		}()
	}
	all.Wait()
}

func used() (float64, float64) {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return float64(usage.Utime.Nano()) / 1e3, float64(usage.Stime.Nano()) / 1e3
}

func newClient(server, ca, token string, connections int) *godo.Client {
	pem, err := os.ReadFile(ca)
	check(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	transport := &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: roots},
		MaxIdleConns:        connections,
		MaxIdleConnsPerHost: connections,
		MaxConnsPerHost:     connections,
		DisableCompression:  true,
	}
	fixed := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token})
	client, err := godo.New(&http.Client{Transport: &oauth2.Transport{Source: fixed, Base: transport}},
		godo.SetBaseURL("https://"+server+"/"))
	check(err)
	return client
}

func main() {
	server := flag.String("server", "", "host:port")
	ca := flag.String("ca", "", "file")
	path := flag.String("path", "", "of the kubeconfig")
	token := flag.String("token", "none", "of the API")
	connections := flag.Int("connections", 1, "at most")
	requests := flag.Int("requests", 1000, "to measure")
	length := flag.Int("length", 2157, "of the body")
	flag.Parse()
	id := strings.Split(strings.Split(*path, "/clusters/")[1], "/")[0]

	client := newClient(*server, *ca, *token, *connections)
	measured := &meter{length: *length}
	measured.run(client, id, *connections, 5**connections)
	user, system := used()
	began := time.Now()
	measured.run(client, id, *connections, *requests)
	took := time.Since(began).Seconds()
	userAfter, systemAfter := used()

	all := measured.latencies
	sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
	count := float64(*requests)
	at := func(quantile float64) float64 { return float64(all[int(quantile*(count-1))].Nanoseconds()) / 1e3 }
	fmt.Printf("{\"client\":\"godo\",\"connections\":%d,\"requests\":%d,\"user_us\":%.3f,\"sys_us\":%.3f,"+
		"\"requests_per_second\":%.0f,\"p50_us\":%.1f,\"p99_us\":%.1f}\n", *connections, *requests,
		(userAfter-user)/count, (systemAfter-system)/count, count/took, at(0.5), at(0.99))
}
