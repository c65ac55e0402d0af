"use client";

import { KeyRound, Plus } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Time } from "#app/_components/time.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { Confirm } from "#app/_components/ui/confirm.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import {
  ActionsCell,
  ActionsHead,
  Cell,
  HeadCell,
  Row,
  Table,
  TableBody,
  TableHead,
} from "#app/_components/ui/table.tsx";
import type { Token } from "#client/answers.ts";
import { api } from "#client/api.ts";
import { CreateToken } from "./create-token.tsx";

export function AccessTokens({ tokens }: { readonly tokens: readonly Token[] }) {
  const router = useRouter();
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<Token | null>(null);
  return (
    <Card
      title="Personal access tokens"
      description="For scripts and other viewers. A token can do what you can do, in every project of yours."
      actions={
        <Button size="sm" onClick={() => setCreating(true)}>
          <Plus aria-hidden /> New token
        </Button>
      }
      flush
    >
      {tokens.length === 0 ? (
        <EmptyState icon={KeyRound} title="No tokens" className="py-8">
          Make one to export a layer or to run an import from a program.
        </EmptyState>
      ) : (
        <TokenTable tokens={tokens} onRevoke={setRevoking} />
      )}
      <CreateToken open={creating} onOpenChange={setCreating} />
      <Confirm
        open={revoking !== null}
        onOpenChange={(open) => (open ? null : setRevoking(null))}
        title={`Revoke “${revoking?.name ?? ""}”?`}
        confirm="Revoke"
        danger
        action={async () => {
          if (revoking === null) return;
          await api.me.revokeToken(revoking.id);
          router.refresh();
        }}
      >
        Programs that use it are refused from now on.
      </Confirm>
    </Card>
  );
}

function TokenTable(props: { readonly tokens: readonly Token[]; readonly onRevoke: (token: Token) => void }) {
  return (
    <Table>
      <TableHead>
        <tr>
          <HeadCell>Name</HeadCell>
          <HeadCell>May</HeadCell>
          <HeadCell>Last used</HeadCell>
          <HeadCell>Expires</HeadCell>
          <ActionsHead />
        </tr>
      </TableHead>
      <TableBody>
        {props.tokens.map((token) => (
          <Row key={token.id}>
            <Cell className="font-medium">{token.name}</Cell>
            <Cell>
              <Badge tone={token.scope === "write" ? "warn" : "neutral"}>{token.scope}</Badge>
            </Cell>
            <Cell className="text-muted">{token.lastUsedAt === null ? "never" : <Time at={token.lastUsedAt} />}</Cell>
            <Cell className="text-muted">
              {token.expiresAt === null ? "never" : <Time at={token.expiresAt} exact />}
            </Cell>
            <ActionsCell>
              <Button size="sm" variant="danger" onClick={() => props.onRevoke(token)}>
                Revoke
              </Button>
            </ActionsCell>
          </Row>
        ))}
      </TableBody>
    </Table>
  );
}
