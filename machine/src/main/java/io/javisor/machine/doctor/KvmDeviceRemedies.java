package io.javisor.machine.doctor;

import io.javisor.kvm.Kvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;

/** What to do when the device file is missing, closed to the user or not KVM's. */
final class KvmDeviceRemedies {
    private static final String ID = "kvm-device";

    // Documentation/admin-guide/devices.txt: misc devices have major number 10, KVM has 232
    private static final String MAKE_NODE = "sudo mknod -m 0660 /dev/kvm c 10 232 && sudo chgrp kvm /dev/kvm";

    /**
     * Whom the device belongs to.
     *
     * @param group its name, or its number where it has no name
     * @param groupMayUse whether members may read and write
     * @param member whether the user is in it by {@code /etc/group}, which takes a new login to count
     */
    record Owner(String group, boolean groupMayUse, boolean member) {}

    private KvmDeviceRemedies() {}

    static List<Check> checks(KvmFacts.Unavailable facts, HostFiles files, Surroundings surroundings) {
        String why = facts.message().replaceFirst("; .*", ""); // the remedy here is more exact than the message's
        return switch (facts.reason()) {
            case MISSING -> List.of(Check.failure(ID, why, missing(files, surroundings)));
            case NO_DRIVER ->
                List.of(Check.failure(
                        ID,
                        "no driver is behind " + Kvm.DEVICE + ": " + why,
                        surroundings.container() ? containerRemedy() : surroundings.moduleRemedy()));
            case NO_PERMISSION -> {
                Owner owner = owner(files, surroundings.user());
                yield List.of(Check.failure(ID, why + described(owner), permission(owner, surroundings)));
            }
            case NOT_KVM ->
                List.of(
                        Check.ok(ID, Kvm.DEVICE + " can be opened"),
                        Check.failure("kvm-api", why + ", not version 12", "sudo rm /dev/kvm && " + MAKE_NODE));
            case BUSY, OTHER -> List.of(Check.failure(ID, why, "sudo dmesg | grep -i kvm   # says why"));
        };
    }

    private static String missing(HostFiles files, Surroundings surroundings) {
        if (surroundings.container()) {
            return containerRemedy();
        }
        if (files.exists("sys/class/misc/kvm")) {
            return MAKE_NODE + "   # KVM is loaded; udev should have made the file";
        }
        return surroundings.cpu().hasVirtualisation()
                ? surroundings.moduleRemedy()
                : surroundings.virtualisationRemedy();
    }

    static String permission(Owner owner, Surroundings surroundings) {
        if (surroundings.container() && owner.groupMayUse()) {
            return "docker run --device /dev/kvm --group-add $(stat -c %g /dev/kvm) ...   # start the container anew;"
                    + " podman: --group-add keep-groups";
        }
        if (!owner.groupMayUse() || owner.group().equals("root")) {
            return "sudo setfacl -m u:" + surroundings.user() + ":rw /dev/kvm   # until the next boot";
        }
        return owner.member()
                ? "newgrp " + owner.group() + "   # for this shell; the next login does it for all"
                : "sudo usermod -aG " + owner.group() + " " + surroundings.user() + "   # then log in again";
    }

    private static String described(Owner owner) {
        if (owner.group().isEmpty()) {
            return "";
        }
        return "; it is of group " + owner.group()
                + (owner.groupMayUse() ? "" : ", whose members may not use it either")
                + (owner.member() ? ", which you are in, but not yet in this session" : "");
    }

    static Owner owner(HostFiles files, String user) {
        try {
            PosixFileAttributes attributes = Files.readAttributes(files.path("dev/kvm"), PosixFileAttributes.class);
            String group = attributes.group().getName();
            boolean groupMayUse = attributes
                    .permissions()
                    .containsAll(List.of(PosixFilePermission.GROUP_READ, PosixFilePermission.GROUP_WRITE));
            return new Owner(group, groupMayUse, isMember(files, group, user));
        } catch (IOException e) {
            return new Owner("", false, false);
        }
    }

    /** group(5): {@code name:password:number:user,user}. */
    private static boolean isMember(HostFiles files, String group, String user) {
        for (String line : files.text("etc/group").lines().toList()) {
            String[] fields = line.split(":", -1);
            if (fields.length == 4 && fields[0].equals(group)) {
                return List.of(fields[3].split(",")).contains(user);
            }
        }
        return false;
    }

    private static String containerRemedy() {
        return "docker run --device /dev/kvm ...   # start the container anew with the host's /dev/kvm; podman alike";
    }
}
