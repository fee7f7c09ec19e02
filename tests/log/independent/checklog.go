// Checks a log of Exchange with the Go project's own packages and nothing of Exchange's code.
//
//	checklog -url URL -vkey VKEY [-token TOKEN] [-old FILE]
//
// reads the checkpoint, every tile and every bundle of entries below the address; checks the signature, the tree,
// every entry against its leaf hash, an inclusion proof of every entry, and consistency with many earlier sizes and
// with an older checkpoint; and prints one line. The first thing that does not hold ends it with a sentence.
//
//	checklog -vkey VKEY -notes FILE
//
// says of each note in the file (base64, one a line) whether it opens, and if so gives its text in base64.
//
// For tests only. GO111MODULE=off GOPATH=/usr/share/gocode go build checklog.go
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height   = 8
	width    = 1 << height
	atOnce   = 8
	sampled  = 50   // inclusion proofs that are made of tiles, one by one
	earlier  = 1000 // earlier sizes for consistency, at most
	mostSize = 32 << 20
)

// site is the log's address as a tlog.TileReader.
type site struct {
	url, token string
	client     *http.Client

	mu   sync.Mutex
	kept map[string][]byte
}

func newSite(url, token string) *site {
	transport := &http.Transport{MaxIdleConnsPerHost: atOnce}
	client := &http.Client{Transport: transport, Timeout: 30 * time.Second}
	return &site{url: strings.TrimSuffix(url, "/"), token: token, client: client, kept: map[string][]byte{}}
}

func (s *site) get(path string) ([]byte, error) {
	request, err := http.NewRequest("GET", s.url+"/"+path, nil)
	if err != nil {
		return nil, err
	}
	if s.token != "" {
		request.Header.Set("Authorization", "Bearer "+s.token)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: the server answers %s", path, response.Status)
	}
	return io.ReadAll(io.LimitReader(response.Body, mostSize))
}

// all gets many paths, some at a time.
func (s *site) all(paths []string) ([][]byte, error) {
	found := make([][]byte, len(paths))
	failed := make([]error, len(paths))
	var waiting sync.WaitGroup
	free := make(chan struct{}, atOnce)
	for i := range paths {
		waiting.Add(1)
		free <- struct{}{}
		go func(i int) {
			defer waiting.Done()
			found[i], failed[i] = s.get(paths[i])
			<-free
		}(i)
	}
	waiting.Wait()
	for _, err := range failed {
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// path is where c2sp.org/tlog-tiles keeps what the Go packages call tile/8/... and tile/8/data/...
func path(tile tlog.Tile) string {
	rest := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
	if tile.L == -1 {
		rest = "entries" + strings.TrimPrefix(rest, "data")
	}
	return "tile/" + rest
}

func (s *site) Height() int { return height }

func (s *site) SaveTiles(tiles []tlog.Tile, data [][]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, tile := range tiles {
		s.kept[path(tile)] = data[i]
	}
}

func (s *site) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	found := make([][]byte, len(tiles))
	var missing []string
	var places []int
	s.mu.Lock()
	for i, tile := range tiles {
		if data, ok := s.kept[path(tile)]; ok {
			found[i] = data
		} else {
			missing = append(missing, path(tile))
			places = append(places, i)
		}
	}
	s.mu.Unlock()
	got, err := s.all(missing)
	if err != nil {
		return nil, err
	}
	for j, i := range places {
		if len(got[j]) != tiles[i].W*tlog.HashSize {
			return nil, fmt.Errorf("%s: %d bytes instead of %d", missing[j], len(got[j]), tiles[i].W*tlog.HashSize)
		}
		found[i] = got[j]
	}
	return found, nil
}

// opened is the tree that a signed checkpoint states.
func opened(text []byte, verifier note.Verifier) (tlog.Tree, error) {
	signed, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("checkpoint: %w", err)
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("checkpoint: it is not one of the log %s", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return tlog.Tree{}, fmt.Errorf("checkpoint: %q is not a size", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("checkpoint: %w", err)
	}
	return tlog.Tree{N: size, Hash: root}, nil
}

// unbundled is the entries of a bundle.
func unbundled(data []byte) ([][]byte, error) {
	var entries [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
			return nil, fmt.Errorf("it ends in the middle of an entry")
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		entries = append(entries, data[2:end])
		data = data[end:]
	}
	return entries, nil
}

// entriesMatch reads every bundle, holds every entry against its authenticated leaf hash, and returns all hashes of
// the tree, made anew from the entries alone.
func entriesMatch(s *site, tree tlog.Tree, leaves []tlog.Hash) (stored []tlog.Hash, bundles int, err error) {
	var paths []string
	for n := int64(0); n*width < tree.N; n++ {
		paths = append(paths, path(tlog.Tile{H: height, L: -1, N: n, W: int(min(width, tree.N-n*width))}))
	}
	data, err := s.all(paths)
	if err != nil {
		return nil, 0, err
	}
	reader := inMemory(&stored)
	index := int64(0)
	for i := range paths {
		entries, err := unbundled(data[i])
		if err != nil {
			return nil, 0, fmt.Errorf("%s: %w", paths[i], err)
		}
		if int64(len(entries)) != min(width, tree.N-index) {
			return nil, 0, fmt.Errorf("%s: it holds %d entries", paths[i], len(entries))
		}
		for _, entry := range entries {
			if tlog.RecordHash(entry) != leaves[index] {
				return nil, 0, fmt.Errorf("entry %d does not have the hash that stands in the tree", index)
			}
			more, err := tlog.StoredHashes(index, entry, reader)
			if err != nil {
				return nil, 0, err
			}
			stored = append(stored, more...)
			index++
		}
	}
	return stored, len(paths), nil
}

// tilesMatch reads every tile that a log of the size serves and holds it against the tree made of the entries.
// tlog.TileHashReader alone would not do: as of 2026 it leaves full tiles unchecked when hashes of the right edge share
// a tile, since it counts those hashes and not their tiles.
func tilesMatch(s *site, tree tlog.Tree, reader tlog.HashReader) (int, error) {
	var tiles []tlog.Tile
	for level := 0; tree.N>>(height*level) > 0; level++ {
		hashes := tree.N >> (height * level)
		for n := int64(0); n*width < hashes; n++ {
			tiles = append(tiles, tlog.Tile{H: height, L: level, N: n, W: int(min(width, hashes-n*width))})
		}
	}
	data, err := s.ReadTiles(tiles)
	if err != nil {
		return 0, err
	}
	for i, tile := range tiles {
		right, err := tlog.ReadTileData(tile, reader)
		if err != nil {
			return 0, err
		}
		if !bytes.Equal(data[i], right) {
			return 0, fmt.Errorf("%s is not the tile of these entries", path(tile))
		}
	}
	return len(tiles), nil
}

func inMemory(stored *[]tlog.Hash) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			found[i] = (*stored)[index]
		}
		return found, nil
	})
}

func included(tree tlog.Tree, index int64, leaf tlog.Hash, reader tlog.HashReader) error {
	proof, err := tlog.ProveRecord(tree.N, index, reader)
	if err == nil {
		err = tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf)
	}
	if err != nil {
		return fmt.Errorf("entry %d is not proven: %w", index, err)
	}
	return nil
}

func continues(tree, old tlog.Tree, reader tlog.HashReader) error {
	if old.N > tree.N {
		return fmt.Errorf("the log has %d entries now and had %d before", tree.N, old.N)
	}
	if old.N == 0 {
		return nil
	}
	proof, err := tlog.ProveTree(tree.N, old.N, reader)
	if err == nil {
		err = tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash)
	}
	if err != nil {
		return fmt.Errorf("the log does not continue the one of %d entries: %w", old.N, err)
	}
	return nil
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}

func check(s *site, verifier note.Verifier, oldFile string) (string, error) {
	text, err := s.get("checkpoint")
	if err != nil {
		return "", err
	}
	tree, err := opened(text, verifier)
	if err != nil {
		return "", err
	}
	if tree.N == 0 {
		return "the log is empty", nil
	}
	tiles := tlog.TileHashReader(tree, s)
	indexes := make([]int64, tree.N)
	for i := range indexes {
		indexes[i] = tlog.StoredHashIndex(0, int64(i))
	}
	leaves, err := tiles.ReadHashes(indexes)
	if err != nil {
		return "", err
	}
	stored, bundles, err := entriesMatch(s, tree, leaves)
	if err != nil {
		return "", err
	}
	memory := inMemory(&stored)
	root, err := tlog.TreeHash(tree.N, memory)
	if err != nil || root != tree.Hash {
		return "", fmt.Errorf("the entries do not have the root of the checkpoint")
	}
	tileCount, err := tilesMatch(s, tree, memory)
	if err != nil {
		return "", err
	}
	for index := int64(0); index < tree.N; index++ {
		if err := included(tree, index, leaves[index], memory); err != nil {
			return "", err
		}
	}
	for index := int64(0); index < tree.N; index += 1 + tree.N/sampled {
		if err := included(tree, index, leaves[index], tiles); err != nil {
			return "", err
		}
	}
	sizes := 0
	for size := int64(1); size <= tree.N; size += 1 + tree.N/earlier {
		root, err := tlog.TreeHash(size, memory)
		if err != nil {
			return "", err
		}
		if err := continues(tree, tlog.Tree{N: size, Hash: root}, memory); err != nil {
			return "", err
		}
		sizes++
	}
	since := ""
	if oldFile != "" {
		text, err := os.ReadFile(oldFile)
		if err != nil {
			return "", err
		}
		old, err := opened(text, verifier)
		if err != nil {
			return "", fmt.Errorf("the older %w", err)
		}
		if err := continues(tree, old, tiles); err != nil {
			return "", err
		}
		since = fmt.Sprintf(", continues the checkpoint of %d", old.N)
	}
	return fmt.Sprintf("%d entries in %d bundles, %d tiles, %d inclusion proofs, %d consistency proofs%s",
		tree.N, bundles, tileCount, tree.N, sizes, since), nil
}

// openEach says of each note of a file whether it opens.
func openEach(file string, verifier note.Verifier) error {
	lines, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for _, line := range strings.Fields(string(lines)) {
		text, err := base64.StdEncoding.DecodeString(line)
		if err != nil {
			return err
		}
		if signed, err := note.Open(text, note.VerifierList(verifier)); err != nil {
			fmt.Println("-")
		} else {
			fmt.Println(base64.StdEncoding.EncodeToString([]byte(signed.Text)))
		}
	}
	return nil
}

func main() {
	url := flag.String("url", "", "the log's `address`, under which checkpoint and tile/... are found")
	vkey := flag.String("vkey", "", "the log's verifier `key`")
	token := flag.String("token", "", "a read `token`, sent as Authorization: Bearer")
	old := flag.String("old", "", "a `file` with an older checkpoint")
	notes := flag.String("notes", "", "a `file` of notes to open instead")
	flag.Parse()

	begun := time.Now()
	verifier, err := note.NewVerifier(*vkey)
	said := ""
	if err == nil && *notes != "" {
		err = openEach(*notes, verifier)
	} else if err == nil {
		said, err = check(newSite(*url, *token), verifier, *old)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if said != "" {
		fmt.Printf("%s: %.2f s\n", said, time.Since(begun).Seconds())
	}
}
