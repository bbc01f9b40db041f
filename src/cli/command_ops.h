/* Tables of the commands that look after a workspace or reach into a network, which command.c puts into the
 * tree. */
#ifndef HP_CLI_COMMAND_OPS_H
#define HP_CLI_COMMAND_OPS_H

#include "cli/command.h"

/** List the options: crawl. */
extern const hp_option_id hp_ops_crawl_options[];
/** List the arguments: crawl. */
extern const hp_argument hp_ops_crawl_args[];
/** Show ways to use it: crawl. */
extern const hp_example hp_ops_crawl_examples[];
/** List the commands of the group: plan. */
extern const hp_command hp_ops_plan_sub[];
/** List the commands of the group: net. */
extern const hp_command hp_ops_net_sub[];
/** List the options: deploy. */
extern const hp_option_id hp_ops_deploy_options[];
/** Show ways to use it: deploy. */
extern const hp_example hp_ops_deploy_examples[];
/** List the commands of the group: prefect. */
extern const hp_command hp_ops_prefect_sub[];
/** List the commands of the group: credentials. */
extern const hp_command hp_ops_credentials_sub[];
/** List the commands of the group: ctx. */
extern const hp_command hp_ops_ctx_sub[];
/** List the commands of the group: aws. */
extern const hp_command hp_ops_aws_sub[];
/** List the options: env. */
extern const hp_option_id hp_ops_env_options[];
/** Show ways to use it: env. */
extern const hp_example hp_ops_env_examples[];
/** List the options: init. */
extern const hp_option_id hp_ops_init_options[];
/** List the arguments: init. */
extern const hp_argument hp_ops_init_args[];
/** Show ways to use it: init. */
extern const hp_example hp_ops_init_examples[];
/** List the options: doctor. */
extern const hp_option_id hp_ops_doctor_options[];
/** Show ways to use it: doctor. */
extern const hp_example hp_ops_doctor_examples[];
/** List the commands of the group: config. */
extern const hp_command hp_ops_config_sub[];

#endif
