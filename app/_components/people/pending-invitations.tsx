"use client";

import { useRouter } from "next/navigation";
import { toast } from "sonner";
import { Time } from "#app/_components/time.tsx";
import { PersonName } from "#app/_components/ui/avatar.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Card } from "#app/_components/ui/card.tsx";
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
import type { Invitation } from "#client/answers.ts";
import { api, sentenceOf } from "#client/api.ts";
import { ROLE_LABELS } from "#domain/permissions.ts";

export function PendingInvitations(props: { readonly projectId: string; readonly invitations: readonly Invitation[] }) {
  const router = useRouter();
  const withdraw = async (id: string) => {
    try {
      await api.members.withdraw(props.projectId, id);
      toast.success("The invitation link no longer works.");
    } catch (error) {
      toast.error(sentenceOf(error));
    }
    router.refresh();
  };
  return (
    <Card title="Invitations not yet used" flush>
      <Table>
        <TableHead>
          <tr>
            <HeadCell>Role</HeadCell>
            <HeadCell>Made by</HeadCell>
            <HeadCell>Made</HeadCell>
            <HeadCell>Valid until</HeadCell>
            <ActionsHead />
          </tr>
        </TableHead>
        <TableBody>
          {props.invitations.map((invitation) => (
            <Row key={invitation.id}>
              <Cell>
                <Badge>{ROLE_LABELS[invitation.role]}</Badge>
              </Cell>
              <Cell>
                <PersonName name={invitation.createdBy.name} colour={invitation.createdBy.colour} />
              </Cell>
              <Cell className="text-muted">
                <Time at={invitation.createdAt} />
              </Cell>
              <Cell className="text-muted">
                <Time at={invitation.expiresAt} exact />
              </Cell>
              <ActionsCell>
                <Button size="sm" variant="danger" onClick={() => void withdraw(invitation.id)}>
                  Withdraw
                </Button>
              </ActionsCell>
            </Row>
          ))}
        </TableBody>
      </Table>
    </Card>
  );
}
