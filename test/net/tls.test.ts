// Requests by https: a server that nobody vouches for is not talked to. Needs openssl, which makes the certificate.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nodeNetwork } from "../../host/node/network.ts";
import { answer, ask } from "./support/networks.ts";

/** Key and certificate of a server that vouches for itself. */
function selfSigned(): { readonly key: Buffer; readonly cert: Buffer } | undefined {
  const folder = mkdtempSync(join(tmpdir(), "moonlet-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  try {
    const args = [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      key,
      "-out",
      cert,
      "-subj",
      "/CN=localhost",
    ];
    execFileSync("openssl", args, { stdio: "ignore" });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const credentials = selfSigned();

test.skipIf(!credentials)(
  "a server with a certificate of its own making gets no request (needs openssl)",
  async () => {
    let requests = 0;
    const server = createServer(credentials!, (_, response) => {
      requests++;
      response.end();
    });
    server.on("tlsClientError", () => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const call = await ask(nodeNetwork, port, { host: "localhost", isSecure: true });
    call.finish();
    expect(await answer(call)).toEqual(["tls_alert", ""]);
    expect(requests).toBe(0);
    server.close();
  },
);
