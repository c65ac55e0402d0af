"use client";

import { LogOut, Moon, Settings, Sun } from "lucide-react";
import Link from "next/link";
import { Avatar } from "#app/_components/ui/avatar.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "#app/_components/ui/dropdown-menu.tsx";
import type { Me } from "#client/answers.ts";
import { SignOutQuestion } from "./sign-out-question.tsx";
import { useTheme } from "./theme.tsx";
import { useSignOut } from "./use-sign-out.ts";

export function UserMenu({ me, compact }: { readonly me: Me; readonly compact?: boolean }) {
  const { theme, toggle } = useTheme();
  const leaving = useSignOut(me.id);
  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger
          aria-label={`${me.name}: profile, theme, sign out`}
          className="flex items-center gap-2 rounded-md px-2 py-1.5 text-left hover:bg-hover data-[state=open]:bg-hover"
        >
          <Avatar name={me.name} colour={me.colour} />
          {compact ? null : (
            <span className="min-w-0 flex-1 max-md:sr-only">
              <span className="block truncate font-medium leading-4">{me.name}</span>
              <span className="block truncate text-2xs text-faint leading-4">{me.email}</span>
            </span>
          )}
        </DropdownMenuTrigger>
        <DropdownMenuContent align={compact ? "end" : "start"} className="w-52">
          <DropdownMenuItem asChild>
            <Link href="/profile">
              <Settings aria-hidden /> Profile and tokens
            </Link>
          </DropdownMenuItem>
          <DropdownMenuItem onSelect={toggle}>
            {theme === "dark" ? <Sun aria-hidden /> : <Moon aria-hidden />}
            {theme === "dark" ? "Light theme" : "Dark theme"}
          </DropdownMenuItem>
          <DropdownMenuSeparator />
          <DropdownMenuItem onSelect={() => void leaving.ask()}>
            <LogOut aria-hidden /> Sign out
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      <SignOutQuestion me={me} leaving={leaving} />
    </>
  );
}
