package io.javisor.kvm;

import io.javisor.core.engine.Obstacle;
import io.javisor.core.host.Errno;
import io.javisor.core.host.HostException;

/** This host or this user cannot use KVM. The message is one line that says why, and what would change it. */
public final class KvmUnavailableException extends HostException {
    private static final long serialVersionUID = 1L;

    /** Why KVM cannot be used. */
    public enum Reason {
        /** There is no such device file. */
        MISSING("KVM is not loaded: enable virtualisation (VT-x or AMD-V) in the firmware setup, then run"
                + " 'sudo modprobe kvm_intel' or 'sudo modprobe kvm_amd'"),
        /** The device file is there, but no driver answers. */
        NO_DRIVER("the kernel has no KVM driver behind this file: run 'sudo modprobe kvm_intel' or 'sudo modprobe"
                + " kvm_amd'"),
        /** The user may not open it. */
        NO_PERMISSION("run 'sudo usermod -aG kvm $USER' and log in again"),
        /** The file is not KVM's, or speaks another version of its interface. */
        NOT_KVM("this is not Linux KVM with API version 12"),
        /** Another hypervisor uses the processor's virtualisation. */
        BUSY("another hypervisor, such as VirtualBox, uses the processor's virtualisation: end it first"),
        /** Anything else; the errno says what. */
        OTHER("");

        private final String advice;

        Reason(String advice) {
            this.advice = advice;
        }
    }

    private final Reason reason;

    KvmUnavailableException(Reason reason, String operation, int errno) {
        super(operation, errno);
        this.reason = reason;
    }

    /** For an errno of {@code open}. */
    static KvmUnavailableException onOpen(String path, int errno) {
        Reason reason =
                switch (errno) {
                    case Errno.ENOENT -> Reason.MISSING;
                    case Errno.ENXIO, Errno.ENODEV -> Reason.NO_DRIVER;
                    case Errno.EACCES, Errno.EPERM -> Reason.NO_PERMISSION;
                    default -> Reason.OTHER;
                };
        return new KvmUnavailableException(reason, "cannot open " + path, errno);
    }

    public Reason reason() {
        return reason;
    }

    /** What the message says, in its two parts. */
    public Obstacle obstacle() {
        return new Obstacle(String.valueOf(super.getMessage()), reason == Reason.OTHER ? "" : "; " + reason.advice);
    }

    @Override
    public String getMessage() {
        return obstacle().toString();
    }
}
