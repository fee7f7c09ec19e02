// Checks a receipt of Exchange with Sigstore's verifier and nothing of Exchange's code: node receipt.cjs FILE VKEY
// Only the splitting of the file's lines is ours; signature, checkpoint and inclusion proof are verified by the library.
"use strict";
const { createPublicKey } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { verifyTLogInclusion } = require("@sigstore/verify/dist/tlog");

// The bytes that stand before the 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410 section 4).
const BEFORE_THE_KEY = Buffer.from("302a300506032b6570032100", "hex");

function logOf(vkey) {
  const [, name, id, key] = vkey.match(/^([^+]+)\+([0-9a-f]{8})\+(.+)$/);
  const der = Buffer.concat([BEFORE_THE_KEY, Buffer.from(key, "base64").subarray(1)]);
  return {
    logID: Buffer.from(id, "hex"),
    baseURL: name,
    publicKey: createPublicKey({ key: der, format: "der", type: "spki" }),
  };
}

function entryOf(text) {
  const parted = text.indexOf("\n\n");
  const [header, extra, index, ...proof] = text.slice(0, parted).split("\n");
  if (header !== "c2sp.org/tlog-proof@v1" || !extra.startsWith("extra ") || !index.startsWith("index ")) {
    throw new Error("This is not a receipt.");
  }
  const ours = JSON.parse(Buffer.from(extra.slice("extra ".length), "base64").toString());
  return {
    canonicalizedBody: Buffer.from(ours.leaf, "base64url"),
    inclusionProof: {
      logIndex: index.slice("index ".length),
      hashes: proof.map((hash) => Buffer.from(hash, "base64")),
      checkpoint: { envelope: text.slice(parted + 2) },
    },
  };
}

const [file, vkey] = process.argv.slice(2);
try {
  const entry = entryOf(readFileSync(file, "utf8"));
  verifyTLogInclusion(entry, [logOf(vkey)]);
  console.log(`entry ${entry.inclusionProof.logIndex} is in the log`);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
