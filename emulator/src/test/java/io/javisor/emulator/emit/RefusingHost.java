package io.javisor.emulator.emit;

import io.javisor.core.host.Errno;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;

/** A host that refuses some of what memory for code is made by. */
public enum RefusingHost implements CodeMemory.Host {
    /** As Linux 6.3 to 6.5 with vm.memfd_noexec=2. */
    FILES_THAT_MAY_BE_PROGRAMS,
    FILES_IN_MEMORY,
    /** As a security module that has no rule for them. */
    EXECUTABLE_FILES_IN_MEMORY,
    EXECUTABLE_MEMORY;

    /** Memory for code on such a host. */
    public CodeMemory map(int sizeBytes) {
        return CodeMemory.map(sizeBytes, this);
    }

    @Override
    public int file(int flags) {
        boolean noProgram = (flags & HostConstants.MFD_NOEXEC_SEAL) != 0;
        if (this == FILES_IN_MEMORY || (this == FILES_THAT_MAY_BE_PROGRAMS && !noProgram)) {
            return -Errno.EINVAL;
        }
        // Hosts older than the flag have it all the same, for this test.
        return Libc.memfdCreate("javisor-code", flags & ~HostConstants.MFD_NOEXEC_SEAL);
    }

    @Override
    public long map(long length, int protection, int flags, int fd) {
        boolean executable = (protection & HostConstants.PROT_EXEC) != 0;
        if (executable && (this == EXECUTABLE_MEMORY || (this == EXECUTABLE_FILES_IN_MEMORY && fd >= 0))) {
            return -Errno.EACCES;
        }
        return Libc.mmap(0, length, protection, flags, fd, 0);
    }
}
