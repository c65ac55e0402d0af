"use client";

import { MoreHorizontal, UserMinus } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { toast } from "sonner";
import { Time } from "#app/_components/time.tsx";
import { Avatar } from "#app/_components/ui/avatar.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { Confirm } from "#app/_components/ui/confirm.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "#app/_components/ui/dropdown-menu.tsx";
import { Select } from "#app/_components/ui/select.tsx";
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
import type { Member } from "#client/answers.ts";
import { api, sentenceOf } from "#client/api.ts";
import { ROLE_LABELS } from "#domain/permissions.ts";
import { ROLE_OPTIONS, roleFrom } from "./role-words.ts";

type Props = {
  readonly projectId: string;
  readonly members: readonly Member[];
  readonly meId: string;
  readonly manages: boolean;
};

export function MemberTable(props: Props) {
  const [leaving, setLeaving] = useState<Member | null>(null);
  const router = useRouter();
  return (
    <Card flush>
      <Table>
        <TableHead>
          <tr>
            <HeadCell>Name</HeadCell>
            <HeadCell>E-mail</HeadCell>
            <HeadCell className="w-44">Role</HeadCell>
            <HeadCell>Joined</HeadCell>
            <ActionsHead />
          </tr>
        </TableHead>
        <TableBody>
          {props.members.map((member) => (
            <MemberRow key={member.id} {...props} member={member} onRemove={() => setLeaving(member)} />
          ))}
        </TableBody>
      </Table>
      <Confirm
        open={leaving !== null}
        onOpenChange={(open) => (open ? null : setLeaving(null))}
        title={`Remove ${leaving?.name ?? ""} from the project?`}
        confirm="Remove"
        danger
        action={async () => {
          if (leaving === null) return;
          await api.members.remove(props.projectId, leaving.id);
          router.refresh();
        }}
      >
        Their reads and decisions stay, under their name. Open tasks stay assigned to them until you reassign them. They
        can come back with a new invitation.
      </Confirm>
    </Card>
  );
}

function MemberRow(props: Props & { readonly member: Member; readonly onRemove: () => void }) {
  const { member, manages } = props;
  const router = useRouter();
  const changeRole = async (value: string) => {
    try {
      await api.members.update(props.projectId, member.id, { role: roleFrom(value) });
      toast.success(`${member.name} is now ${ROLE_LABELS[roleFrom(value)].toLowerCase()}.`);
    } catch (error) {
      toast.error(sentenceOf(error));
    }
    router.refresh();
  };
  return (
    <Row>
      <Cell>
        <span className="inline-flex items-center gap-2 font-medium">
          <Avatar name={member.name} colour={member.colour} />
          {member.name}
          {member.id === props.meId ? <span className="font-normal text-faint text-xs">you</span> : null}
        </span>
      </Cell>
      <Cell className="text-muted">{member.email}</Cell>
      <Cell>
        {manages ? (
          <Select
            aria-label={`Role of ${member.name}`}
            value={member.role}
            onValueChange={(value) => void changeRole(value)}
            options={ROLE_OPTIONS}
            className="w-36"
          />
        ) : (
          ROLE_LABELS[member.role]
        )}
      </Cell>
      <Cell className="text-muted">
        <Time at={member.joinedAt} />
      </Cell>
      <ActionsCell>
        {manages ? (
          <DropdownMenu>
            <DropdownMenuTrigger asChild>
              <Button variant="ghost" size="icon" aria-label={`More for ${member.name}`}>
                <MoreHorizontal />
              </Button>
            </DropdownMenuTrigger>
            <DropdownMenuContent>
              <DropdownMenuItem danger onSelect={props.onRemove}>
                <UserMinus aria-hidden /> Remove from project
              </DropdownMenuItem>
            </DropdownMenuContent>
          </DropdownMenu>
        ) : null}
      </ActionsCell>
    </Row>
  );
}
