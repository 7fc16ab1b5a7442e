// SPDX-License-Identifier: Apache-2.0
/*
 * Prints what the classes of io.javisor.core.io.abi claim, from the kernel's own headers: one "name value" a line. The checked-in
 * output is io-uring-abi.golden; to make it anew:
 *
 *     gcc -Wall -Wextra -o io-uring-abi io-uring-abi.c && ./io-uring-abi > ../resources/io/javisor/core/io/abi/io-uring-abi.golden
 *
 * Needs the headers of Linux 6.1 or later (Debian: linux-libc-dev).
 */
#include <stddef.h>
#include <stdio.h>

#include <linux/io_uring.h>

#define SIZE(type) printf(#type ".SIZE %zu\n", sizeof(struct type))
#define FIELD(type, field) printf(#type "." #field "_OFFSET %zu\n", offsetof(struct type, field))
#define VALUE(name) printf(#name " %llu\n", (unsigned long long)(name))

int main(void)
{
    SIZE(io_uring_params);
    FIELD(io_uring_params, sq_entries);
    FIELD(io_uring_params, cq_entries);
    FIELD(io_uring_params, flags);
    FIELD(io_uring_params, features);
    FIELD(io_uring_params, sq_off);
    FIELD(io_uring_params, cq_off);

    SIZE(io_sqring_offsets);
    FIELD(io_sqring_offsets, head);
    FIELD(io_sqring_offsets, tail);
    FIELD(io_sqring_offsets, ring_mask);
    FIELD(io_sqring_offsets, ring_entries);
    FIELD(io_sqring_offsets, flags);
    FIELD(io_sqring_offsets, array);

    SIZE(io_cqring_offsets);
    FIELD(io_cqring_offsets, head);
    FIELD(io_cqring_offsets, tail);
    FIELD(io_cqring_offsets, ring_mask);
    FIELD(io_cqring_offsets, ring_entries);
    FIELD(io_cqring_offsets, cqes);
    FIELD(io_cqring_offsets, flags);

    SIZE(io_uring_sqe);
    FIELD(io_uring_sqe, opcode);
    FIELD(io_uring_sqe, flags);
    FIELD(io_uring_sqe, fd);
    FIELD(io_uring_sqe, off);
    FIELD(io_uring_sqe, addr);
    FIELD(io_uring_sqe, len);
    FIELD(io_uring_sqe, rw_flags);
    FIELD(io_uring_sqe, user_data);

    SIZE(io_uring_cqe);
    FIELD(io_uring_cqe, user_data);
    FIELD(io_uring_cqe, res);

    SIZE(io_uring_restriction);
    FIELD(io_uring_restriction, opcode);
    FIELD(io_uring_restriction, sqe_op);
    FIELD(io_uring_restriction, sqe_flags);

    VALUE(IORING_OP_NOP);
    VALUE(IORING_OP_READV);
    VALUE(IORING_OP_WRITEV);
    VALUE(IORING_OP_FSYNC);
    VALUE(IORING_OP_FALLOCATE);
    VALUE(IORING_FSYNC_DATASYNC);
    VALUE(IOSQE_ASYNC);

    VALUE(IORING_SETUP_CQSIZE);
    VALUE(IORING_SETUP_R_DISABLED);
    VALUE(IORING_SETUP_SUBMIT_ALL);
    VALUE(IORING_SETUP_TASKRUN_FLAG);
    VALUE(IORING_SETUP_SINGLE_ISSUER);
    VALUE(IORING_SETUP_DEFER_TASKRUN);

    VALUE(IORING_FEAT_SINGLE_MMAP);
    VALUE(IORING_FEAT_NODROP);
    VALUE(IORING_OFF_SQ_RING);
    VALUE(IORING_OFF_SQES);

    VALUE(IORING_SQ_CQ_OVERFLOW);
    VALUE(IORING_SQ_TASKRUN);
    VALUE(IORING_CQ_EVENTFD_DISABLED);
    VALUE(IORING_ENTER_GETEVENTS);

    VALUE(IORING_REGISTER_EVENTFD);
    VALUE(IORING_REGISTER_RESTRICTIONS);
    VALUE(IORING_REGISTER_ENABLE_RINGS);
    VALUE(IORING_RESTRICTION_SQE_OP);
    VALUE(IORING_RESTRICTION_SQE_FLAGS_ALLOWED);
    return 0;
}
